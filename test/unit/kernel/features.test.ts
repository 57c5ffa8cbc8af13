import assert from "node:assert/strict";
import { constants } from "node:os";
import { errnoName } from "../../../src/kernel/errors.ts";
import { type MachineFacts, missingFeatures } from "../../../src/kernel/features.ts";

const GOOD: MachineFacts = { kernelRelease: "6.1.0-18-amd64", capabilities: 0x1ff_ffff_ffffn, nextHopErrno: 0 };

describe("features of the machine", () => {
  it("misses nothing on a good one", () => {
    assert.deepEqual(missingFeatures(GOOD), []);
    assert.deepEqual(missingFeatures({ ...GOOD, kernelRelease: "5.18.0" }), []);
  });

  it("names each capability that is missing, with what to do", () => {
    const sentences = missingFeatures({ ...GOOD, capabilities: 0n });
    assert.equal(sentences.length, 2);
    assert.match(sentences[0] ?? "", /CAP_NET_ADMIN.*run it as root/);
    assert.match(sentences[1] ?? "", /CAP_NET_RAW.*run it as root/);
    assert.equal(missingFeatures({ ...GOOD, capabilities: 1n << 12n }).length, 1);
  });

  it("names a kernel that is too old", () => {
    for (const kernelRelease of ["5.17.15", "4.19.0-26-amd64"]) {
      const [sentence = ""] = missingFeatures({ ...GOOD, kernelRelease });
      assert.match(sentence, /5\.18/);
      assert.ok(sentence.includes(kernelRelease));
    }
  });

  it("tells a kernel without next hops from one that may not be asked", () => {
    const { EOPNOTSUPP, EPERM } = constants.errno;
    assert.match(missingFeatures({ ...GOOD, nextHopErrno: EOPNOTSUPP })[0] ?? "", /no next-hop objects/);
    assert.match(missingFeatures({ ...GOOD, nextHopErrno: EPERM })[0] ?? "", /EPERM/);
  });
});

describe("names of errors", () => {
  it("prefers the kernel's own where two share a number", () => {
    assert.equal(errnoName(95), "EOPNOTSUPP");
    assert.equal(errnoName(11), "EAGAIN");
    assert.equal(errnoName(17), "EEXIST");
    assert.equal(errnoName(9999), "E9999");
    assert.equal(errnoName(0), "");
  });
});
