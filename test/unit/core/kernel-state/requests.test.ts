import assert from "node:assert/strict";
import type { KernelOutcome, KernelRequest, Route } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { Requests, remedyFor, requestText } from "../../../../src/core/kernel-state/requests.ts";
import { linkOf } from "../probing/support.ts";

const UP: KernelRequest = { op: "set-link-up", index: 2 };
const OK: KernelOutcome = { ok: true };

function refusal(code: string): KernelOutcome {
  return { ok: false, errno: 1, code, text: "" };
}

function route(type: Route["type"]): Route {
  const where = { family: 4, destination: "192.0.2.0/24", table: 254, metric: 10, scope: "universe" } as const;
  return { ...where, type, protocol: 77, nextHopId: 1, index: 0, source: "" };
}

const ADDRESS = { index: 2, family: 4, address: "192.0.2.10", prefixLength: 32 } as const;

const TEXTS: readonly [KernelRequest, string][] = [
  [{ op: "create-link", name: "ipmp0", kinds: ["dummy"], alias: "" }, "create-link ipmp0"],
  [UP, "set-link-up eth0"],
  [{ op: "remove-link", index: 9 }, "remove-link link 9"],
  [{ op: "set-setting", link: "eth0", index: 2, key: "k", value: "1" }, "set-setting k=1 of eth0"],
  [{ op: "set-setting", link: "", index: 0, key: "k", value: "1" }, "set-setting k=1 of the namespace"],
  [{ op: "restore-settings", link: "", index: 0, keys: [] }, "restore-settings of the namespace"],
  [{ op: "restore-settings", link: "eth0", index: 2, keys: [] }, "restore-settings of eth0"],
  [{ op: "restore-settings", link: "", index: 7, keys: [] }, "restore-settings of a link that is gone"],
  [
    { op: "set-address", ...ADDRESS, scope: "link", deprecated: true, replace: false },
    "set-address 192.0.2.10/32 on eth0",
  ],
  [{ op: "remove-address", ...ADDRESS }, "remove-address 192.0.2.10/32 on eth0"],
  [{ op: "set-next-hop", family: 4, id: 5, index: 2, gateway: "" }, "set-next-hop dev eth0"],
  [{ op: "set-next-hop", family: 4, id: 5, index: 2, gateway: "192.0.2.1" }, "set-next-hop via 192.0.2.1 dev eth0"],
  [{ op: "set-next-hop-group", id: 6, group: [5] }, "set-next-hop-group 6"],
  [{ op: "remove-next-hop", id: 6 }, "remove-next-hop 6"],
  [{ op: "set-route", route: route("unicast"), replace: true }, "set-route 192.0.2.0/24 metric 10"],
  [{ op: "remove-route", route: route("broadcast") }, "remove-route broadcast 192.0.2.0/24 metric 10"],
];

describe("requests", () => {
  for (const [request, text] of TEXTS) {
    it(`are named as an administrator knows them: ${text}`, () => {
      const picture = new Picture();
      picture.apply({ kind: "link", link: linkOf(2, "eth0") });
      assert.equal(requestText(request, picture), text);
    });
  }

  it("have a remedy where somebody else's route stands in the way, and only there", () => {
    const wish: KernelRequest = { op: "set-route", route: route("unicast"), replace: false };
    assert.match(remedyFor(wish, "EEXIST"), /not ours/);
    assert.equal(remedyFor(wish, "ENETUNREACH"), "");
    assert.equal(remedyFor(UP, "EEXIST"), "");
    assert.match(remedyFor(UP, "ENETDOWN"), /stands on is down/);
  });

  it("are answered one by one; of those without an outcome nothing is known", () => {
    const requests = new Requests();
    const gone: KernelRequest = { op: "remove-link", index: 3 };
    const id = requests.send([UP, gone, UP, UP], 0);
    const answers = requests.answer(id, [OK, refusal("ENODEV"), refusal("EPERM")], 1);
    assert.deepEqual(answers.granted, [UP, gone]);
    assert.deepEqual(
      answers.refused.map(({ request, code, times }) => [request, code, times]),
      [[UP, "EPERM", 1]],
    );
  });

  it("are refused where what they need is absent: only what was to go is as wanted then", () => {
    const requests = new Requests();
    const wish: KernelRequest = { op: "remove-address", ...ADDRESS };
    const { granted, refused } = requests.answer(
      requests.send([wish, UP], 0),
      [refusal("ENODEV"), refusal("ENODEV")],
      0,
    );
    assert.deepEqual([granted, refused.map(({ request }) => request)], [[wish], [UP]]);
  });

  it("learn from an answer that comes too late what was granted after all, once, and nothing else", () => {
    const requests = new Requests();
    const other: KernelRequest = { op: "set-link-up", index: 3 };
    const id = requests.send([UP, other, UP], 0);
    assert.equal(requests.expire(4_999), false);
    assert.equal(requests.expire(5_000), true);
    assert.equal(requests.busy, false);
    const nothing = { granted: [], refused: [], late: [] };
    assert.deepEqual(requests.answer(id + 7, [OK], 5_001), nothing);
    assert.deepEqual(requests.answer(id, [refusal("EPERM"), OK], 5_001), { ...nothing, late: [other] });
    assert.deepEqual(requests.answer(id, [OK, OK], 5_002), nothing);
    assert.equal(requests.wasRefused("set-link-up 2"), false);
  });

  it("name the next moment at which one is due: the end of a rest, or of a wait for an answer", () => {
    const requests = new Requests();
    assert.equal(requests.nextDeadline(0), undefined);
    requests.answer(requests.send([UP], 0), [refusal("EPERM")], 0);
    assert.equal(requests.nextDeadline(0), 100);
    requests.send([{ op: "remove-link", index: 3 }], 0);
    assert.equal(requests.nextDeadline(0), 100);
    assert.equal(requests.nextDeadline(200), 5_000);
  });
});
