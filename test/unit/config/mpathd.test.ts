/** Global defaults in the form of Solaris. The numbers are those of test/cases. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type MpathdDefaults, parseConfiguration, parseMpathdDefaults } from "../../../src/config/index.ts";

const PATH = "/etc/default/mpathd";
const FILE = "groups: { g: { interfaces: { eth0: , eth1: } } }";

const read = (text: string) => parseMpathdDefaults(text, PATH);

/** What becomes of a configuration that says nothing itself. */
function inForce(defaults: MpathdDefaults | undefined, text = FILE) {
  const { configuration, problems, complaints } = parseConfiguration(text, "ipmp.yaml", defaults);
  assert.deepEqual(problems, []);
  const [group] = configuration?.groups ?? [];
  return {
    failureDetectionTimeMs: group?.failureDetectionTimeMs,
    failback: group?.failback,
    trackUngrouped: configuration?.trackUngrouped,
    complaints,
  };
}

const DEFAULTS = { failureDetectionTimeMs: 10_000, failback: true, trackUngrouped: false, complaints: [] };

function detectionTimeOf(value: string) {
  const { failureDetectionTimeMs, complaints } = read(`FAILURE_DETECTION_TIME=${value}\n`);
  return { failureDetectionTimeMs, complaints };
}

describe("/etc/default/mpathd", () => {
  it("T1: without the file: 10 s, failback, only grouped interfaces; nothing is said", () => {
    assert.deepEqual(inForce(undefined), DEFAULTS);
    assert.deepEqual(inForce(read("")), DEFAULTS);
  });

  for (const value of ["0", "-5", "abc", "", "08", "0xyz", "-0x10", "+-5", "١٠"]) {
    it(`T2: a time of "${value}" is told and replaced by 10 s`, () => {
      assert.deepEqual(inForce(read(`FAILURE_DETECTION_TIME=${value}`)), {
        ...DEFAULTS,
        complaints: [`${PATH}:1: Invalid failure detection time ${value}, assuming default of 10000 ms`],
      });
    });
  }

  it("T4: 100 is accepted silently", () => {
    assert.deepEqual(detectionTimeOf("100"), { failureDetectionTimeMs: 100, complaints: [] });
  });

  for (const [value, timeMs] of [
    ["0x3e8", 1000],
    ["0X3E8", 1000],
    ["01750", 1000],
    ["+2000", 2000],
    ["0750", 488],
    ["0144g", 100],
  ] as const) {
    it(`T5: ${value} is read as C does: ${timeMs} ms`, () => {
      assert.deepEqual(detectionTimeOf(value), { failureDetectionTimeMs: timeMs, complaints: [] });
    });
  }

  for (const value of ["5000ms", "5000 # five seconds", "5000.9", "5000e3"]) {
    it(`T6: of "${value}" the 5000 is taken and the rest ignored`, () => {
      assert.deepEqual(detectionTimeOf(value), { failureDetectionTimeMs: 5000, complaints: [] });
    });
  }

  it("T7: keys and values in any case", () => {
    const defaults = read("failback=NO\nTrack_Interfaces_Only_With_Groups=No\nFailure_Detection_Time=200\n");
    const { failureDetectionTimeMs, failback, trackUngrouped } = inForce(defaults);
    assert.deepEqual([failureDetectionTimeMs, failback, trackUngrouped], [200, false, true]);
  });

  it("T9: the whole word decides: `nothing` is invalid, and failback stays on", () => {
    const complaints = [`${PATH}:1: Invalid value for FAILBACK nothing`];
    assert.deepEqual(inForce(read("FAILBACK=nothing\n")), { ...DEFAULTS, complaints });
  });

  it("an invalid TRACK_INTERFACES_ONLY_WITH_GROUPS is told, and only grouped interfaces are tracked", () => {
    const complaints = [`${PATH}:1: Invalid value for TRACK_INTERFACES_ONLY_WITH_GROUPS 0`];
    assert.deepEqual(inForce(read("TRACK_INTERFACES_ONLY_WITH_GROUPS=0")), { ...DEFAULTS, complaints });
  });

  for (const value of ["10", "99", "0x63", "1ms"]) {
    it(`T11: a time of ${value} is milliseconds, is told, and raised to 100`, () => {
      assert.deepEqual(detectionTimeOf(value), {
        failureDetectionTimeMs: 100,
        complaints: [`${PATH}:1: Too small failure detection time of ${value}, assuming minimum of 100 ms`],
      });
    });
  }

  it("a time beyond a day is told and cut there, for no timer takes more", () => {
    assert.deepEqual(detectionTimeOf("86400000"), { failureDetectionTimeMs: 86_400_000, complaints: [] });
    assert.deepEqual(detectionTimeOf("99999999999999999999999"), {
      failureDetectionTimeMs: 86_400_000,
      complaints: [
        `${PATH}:1: Too large failure detection time of 99999999999999999999999, assuming maximum of 86400000 ms`,
      ],
    });
  });

  it("the file that Solaris ships means the defaults", () => {
    const shipped = `#
# Time taken by mpathd to detect a NIC failure in ms. The minimum time
# that can be specified is 100 ms.
#
FAILURE_DETECTION_TIME=10000
#
FAILBACK=yes
TRACK_INTERFACES_ONLY_WITH_GROUPS=yes
`;
    assert.deepEqual(inForce(read(shipped)), DEFAULTS);
    assert.deepEqual(inForce(read(shipped.replaceAll("\n", " \r\n"))), DEFAULTS);
  });

  it("of a key given twice the first value counts; comments and unknown keys do not", () => {
    const { failback, complaints } = read("#FAILBACK=maybe\nFAILBACKS=1\nFAILBACK=no\nFAILBACK=maybe\n");
    assert.deepEqual({ failback, complaints }, { failback: false, complaints: [] });
  });

  it("every complaint names the file and the line", () => {
    const { complaints } = read("# ours\n\nFAILURE_DETECTION_TIME=10\r\nFAILBACK=maybe\nFAILBACK=no\n");
    assert.deepEqual(complaints, [
      `${PATH}:3: Too small failure detection time of 10, assuming minimum of 100 ms`,
      `${PATH}:4: Invalid value for FAILBACK maybe`,
    ]);
  });

  it("the configuration file's own words win, at top level and in a group", () => {
    const defaults = read("FAILURE_DETECTION_TIME=200\nFAILBACK=no\nTRACK_INTERFACES_ONLY_WITH_GROUPS=no");
    const top = `{ failure-detection-time: 10ms, failback: true, track-ungrouped: false, ${FILE} }`;
    assert.deepEqual(inForce(defaults, top), { ...DEFAULTS, failureDetectionTimeMs: 10 });
    const group = "groups: { g: { failure-detection-time: 3s, failback: true, interfaces: { eth0: } } }";
    assert.deepEqual(inForce(defaults, group), { ...DEFAULTS, failureDetectionTimeMs: 3000, trackUngrouped: true });
  });

  it("a limit in the configuration file below the time is refused, and it says that the time is not from there", () => {
    const text = `failure-detection-time-limit: 20s\n${FILE}`;
    const { problems } = parseConfiguration(text, "x.yaml", read("FAILURE_DETECTION_TIME=30000"));
    assert.deepEqual(problems, [
      {
        file: "x.yaml",
        line: 1,
        column: 31,
        text: "failure-detection-time-limit: found 20s, wanted at least 30s, the failure detection time of group `g` (not set in this file)",
      },
    ]);
  });

  it("any text gives usable defaults, and complaints of one line each", () => {
    const piece = fc.constantFrom(
      "FAILURE_DETECTION_TIME=",
      "FAILBACK=",
      "TRACK_INTERFACES_ONLY_WITH_GROUPS=",
      "\n",
      "yes",
      "no",
    );
    const text = fc
      .array(fc.oneof(piece, fc.string({ unit: "binary" }), fc.integer().map(String)))
      .map((all) => all.join(""));
    fc.assert(
      fc.property(text, (file) => {
        const { failureDetectionTimeMs = 100, complaints } = read(file);
        assert.ok(failureDetectionTimeMs >= 100 && failureDetectionTimeMs <= 86_400_000, `${failureDetectionTimeMs}`);
        for (const complaint of complaints) assert.doesNotMatch(complaint, /[\p{Cc}\p{Cs}]/u);
      }),
      { numRuns: 2000 },
    );
  });
});
