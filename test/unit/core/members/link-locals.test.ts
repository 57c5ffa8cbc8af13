/** When a member gets a link-local address from us: only where the kernel has none at all. */
import assert from "node:assert/strict";
import type { InterfaceAddress } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { DETECTION_SETTINGS } from "../../../../src/core/kernel-state/settings.ts";
import { durationMs, parseConfiguration } from "../../../support/simulated-configuration.ts";
import { SimulatedDaemon } from "../../../support/simulated-daemon.ts";
import { SimulatedKernel } from "../../../support/simulated-kernel.ts";

const OURS = 77;
/** The first card: 1 is the loopback. */
const A = 2;

function scene(probes = 1): { kernel: SimulatedKernel; daemon: SimulatedDaemon } {
  const kernel = new SimulatedKernel({ kinds: ["dummy"], duplicateDetectionMs: () => 2_000 });
  const daemon = new SimulatedDaemon(
    kernel,
    { action: () => undefined, killed: () => undefined },
    { uniform: () => 0.5 },
  );
  kernel.plugIn("a");
  kernel.settings.write(A, DETECTION_SETTINGS.transmits, String(probes));
  kernel.setAdminUp("a", false);
  kernel.setAdminUp("a", true);
  daemon.configure(parseConfiguration(["  g: a; 2001:db8::10/64"]));
  return { kernel, daemon };
}

function linkLocals(kernel: SimulatedKernel): InterfaceAddress[] {
  return kernel.addresses.on(A).filter(({ scope, family }) => scope === "link" && family === 6);
}

function dropKernels(kernel: SimulatedKernel): void {
  for (const address of linkLocals(kernel)) kernel.addresses.remove(address, address.protocol);
}

describe("link-local addresses of members", () => {
  for (const probes of [0, 1, 2, 3]) {
    it(`leaves the kernel's alone while it is checked with ${probes} probes`, () => {
      const { kernel, daemon } = scene(probes);
      daemon.advance(durationMs("30s"));
      assert.deepEqual(
        linkLocals(kernel).map(({ protocol, prefixLength, tentative }) => ({ protocol, prefixLength, tentative })),
        [{ protocol: 0, prefixLength: 64, tentative: false }],
      );
      assert.deepEqual(kernel.violations, []);
    });
  }

  it("leaves one alone that has failed its check", () => {
    const { kernel, daemon } = scene();
    daemon.advance(durationMs("5s"));
    const [present] = linkLocals(kernel);
    assert.ok(present);
    kernel.addresses.set({ ...present, tentative: true });
    daemon.advance(durationMs("60s"));
    assert.deepEqual(linkLocals(kernel), [{ ...present, tentative: true }]);
  });

  it("puts none where IPv6 is switched off", () => {
    const { kernel, daemon } = scene();
    daemon.advance(durationMs("5s"));
    kernel.disableIpv6("a");
    daemon.advance(durationMs("60s"));
    assert.deepEqual(linkLocals(kernel), []);
  });

  it("puts one of a whole subnet where the kernel makes none, and in the place of one of a single host", () => {
    const { kernel, daemon } = scene();
    daemon.advance(durationMs("5s"));
    dropKernels(kernel);
    daemon.advance(durationMs("10s"));
    const [ours] = linkLocals(kernel);
    assert.equal(ours?.protocol, OURS);
    assert.equal(ours?.prefixLength, 64);
    assert.ok(ours);
    dropKernels(kernel);
    kernel.addresses.set({ ...ours, prefixLength: 128 });
    daemon.advance(durationMs("60s"));
    assert.deepEqual(linkLocals(kernel), [ours]);
  });

  it("puts none on a link of which it is not known what its address would be", () => {
    const { kernel, daemon } = scene();
    kernel.change("a", { hardwareAddress: "" });
    daemon.advance(durationMs("5s"));
    dropKernels(kernel);
    daemon.advance(durationMs("60s"));
    assert.deepEqual(linkLocals(kernel), []);
  });
});
