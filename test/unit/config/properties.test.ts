/** What holds for any text at all, and for every configuration that is right. */
import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import { fileForm, parseConfiguration, parseMpathdDefaults } from "../../../src/config/index.ts";

/** Pieces that the parser and the rules have opinions about, so that random texts reach deep. */
const PIECES = [
  ..."groups interfaces addresses routes targets test-address standby spread failback prefer to via metric fail-on flap-limit link-up-delay".split(
    " ",
  ),
  ...": , [ ] { } - ? | > & * ! % @ ` ' \" # << ~ --- ... \t \n \r\n \0 \uFEFF \uD800".split(" "),
  ..."!!js/function &a *a __proto__ constructor toString eth0 lo 10s 1e999 0x10 .nan null true off".split(" "),
  ..."192.0.2.19/24 2001:db8::1/64 fe80::1 default 224.0.0.1 127.1 99999999999999999999".split(" "),
  "\n",
  "\n  ",
  "\n    ",
  "\n      ",
  ": ",
  "- ",
  " ",
];
const rubbish = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join("")),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => `groups:\n  g:\n    ${pieces.join("")}`),
  fc.json().map((json) => `groups: { g: ${json} }`),
);

interface GroupInput {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly standby: boolean; readonly hosts: readonly number[] }[];
  readonly hosts: readonly number[];
  readonly family: 4 | 6;
  readonly failback: boolean | undefined;
  readonly metric: number;
  readonly groupInterface: boolean;
  readonly detectionMs: number | undefined;
  readonly limitMs: number | undefined;
  readonly flapCount: number | undefined;
  readonly failOn: "all-families" | "any-family" | undefined;
}

/** A configuration in which every group has a subnet of its own, so that no rule is broken by chance. */
const groups = fc
  .array(
    fc.record({
      memberCount: fc.integer({ min: 1, max: 5 }),
      standby: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      hosts: fc.uniqueArray(fc.integer({ min: 2, max: 90 }), { maxLength: 6 }),
      tested: fc.boolean(),
      family: fc.constantFrom(4 as const, 6 as const),
      failback: fc.option(fc.boolean(), { nil: undefined }),
      groupInterface: fc.boolean(),
      detectionMs: fc.option(fc.integer({ min: 10, max: 60_000 }), { nil: undefined }),
      limitMs: fc.option(fc.integer({ min: 60_000, max: 86_400_000 }), { nil: undefined }),
      flapCount: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
      failOn: fc.constantFrom("all-families", "any-family", undefined),
    }),
    { maxLength: 6 },
  )
  .map((drawn) =>
    drawn.map(
      ({ memberCount, standby, tested, ...rest }, index): GroupInput => ({
        ...rest,
        name: `itops${index}`,
        metric: index + 1,
        members: Array.from({ length: memberCount }, (_, member) => ({
          name: `eth${index}-${member}`,
          standby: standby[member] ?? false,
          hosts: tested ? [100 + member] : [],
        })),
      }),
    ),
  );

const ROUTER = 1;
const addressOf = (group: number, family: 4 | 6, host: number) =>
  family === 4 ? `10.7.${group}.${host}` : `2001:db8:${(group + 1).toString(16)}::${host.toString(16)}`;
const prefixLengthOf = (family: 4 | 6) => (family === 4 ? 24 : 64);

/** A count of 0 stands for no limit. */
function flapTextOf({ flapCount }: GroupInput): string | undefined {
  if (flapCount === undefined) return undefined;
  return flapCount === 0 ? "off" : `${flapCount}/30s`;
}

function flapLimitOf({ flapCount }: GroupInput) {
  if (flapCount === undefined) return { count: 2, windowMs: 60_000 };
  return flapCount === 0 ? undefined : { count: flapCount, windowMs: 30_000 };
}

function fileOf(inputs: readonly GroupInput[]): string {
  const entries = inputs.map((input, index) => {
    const text = (host: number) => `${addressOf(index, input.family, host)}/${prefixLengthOf(input.family)}`;
    const routes = input.hosts.length === 0 ? [] : [{ to: "default", via: addressOf(index, input.family, ROUTER) }];
    const members = input.members.map(({ name, standby, hosts }) => [
      name,
      { standby, "test-address": hosts.map((host) => text(host)) },
    ]);
    const group = {
      "group-interface": input.groupInterface,
      failback: input.failback,
      "failure-detection-time": input.detectionMs === undefined ? undefined : `${input.detectionMs}ms`,
      "failure-detection-time-limit": input.limitMs === undefined ? undefined : `${input.limitMs}ms`,
      "flap-limit": flapTextOf(input),
      "fail-on": input.failOn,
      interfaces: Object.fromEntries(members),
      addresses: input.hosts.map(text),
      routes: routes.map((route) => ({ ...route, metric: input.metric })),
    };
    return [input.name, group];
  });
  return JSON.stringify({ groups: Object.fromEntries(entries) }, undefined, 2);
}

describe("configuration properties", () => {
  it("never throws, and every place lies within the text", () => {
    fc.assert(
      fc.property(rubbish, (text) => {
        const { configuration, problems, warnings } = parseConfiguration(text, "x.yaml");
        assert.equal(configuration === undefined, problems.length > 0);
        const lines = text.replace(/^\uFEFF/, "").split("\n");
        for (const problem of [...problems, ...warnings]) {
          const line = lines[problem.line - 1];
          assert.ok(line !== undefined, `line ${problem.line} of ${lines.length}: ${problem.text}`);
          assert.ok(
            problem.column >= 1 && problem.column <= line.length + 1,
            `column ${problem.column}: ${problem.text}`,
          );
          assert.doesNotMatch(problem.text, /[\p{Cc}\p{Cs}]/u);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("loads every right configuration unchanged", () => {
    fc.assert(
      fc.property(groups, (inputs) => {
        const { configuration, problems } = parseConfiguration(fileOf(inputs), "x.yaml");
        assert.deepEqual(problems, []);
        for (const [index, input] of inputs.entries()) {
          const group = configuration?.groups[index];
          const textsOf = (hosts: readonly number[]) => hosts.map((host) => addressOf(index, input.family, host));
          assert.equal(group?.name, input.name);
          assert.equal(group.failback, input.failback ?? true);
          assert.equal(group.groupInterface, input.groupInterface);
          const detectionMs = input.detectionMs ?? 10_000;
          assert.equal(group.failureDetectionTimeMs, detectionMs);
          assert.equal(group.failureDetectionTimeCapMs, input.limitMs ?? 10 * detectionMs);
          assert.deepEqual(group.flapLimit, flapLimitOf(input));
          assert.equal(group.failOn, input.failOn ?? "all-families");
          assert.deepEqual(
            group.addresses.map(({ address }) => address),
            textsOf(input.hosts),
          );
          assert.deepEqual(
            group.members.map(({ testAddresses, ...member }) => ({
              ...member,
              tests: testAddresses.map(({ address }) => address),
            })),
            input.members.map(({ hosts, ...member }) => ({ ...member, tests: textsOf(hosts) })),
          );
          assert.equal(group.routes[0]?.source, group.addresses[0]?.address);
        }
        assert.equal(configuration?.groups.length, inputs.length);
      }),
      { numRuns: 300 },
    );
  });

  it("gives every configuration back as a file that holds the same, whatever the defaults are by then", () => {
    const defaults = parseMpathdDefaults(
      "FAILURE_DETECTION_TIME=2000\nFAILBACK=no\nTRACK_INTERFACES_ONLY_WITH_GROUPS=no\n",
      "mpathd",
    );
    fc.assert(
      fc.property(groups, (inputs) => {
        const { configuration } = parseConfiguration(fileOf(inputs), "x.yaml");
        assert.ok(configuration);
        const again = parseConfiguration(JSON.stringify(fileForm(configuration)), "again", defaults);
        assert.deepEqual([again.problems, again.configuration], [[], configuration]);
      }),
      { numRuns: 300 },
    );
  });

  it("agrees with an independent reader of addresses on what is one, and on its canonical text", () => {
    const halves = fc.array(fc.constantFrom("0", "1", "db8", "DB8", "00f", "ffff", "", "1.2.3.4"), { maxLength: 9 });
    const candidate = fc.oneof(
      halves.map((parts) => parts.join(":")),
      fc.ipV6(),
      fc.ipV4(),
      fc.ipV4Extended(),
    );
    fc.assert(
      fc.property(candidate, (text) => {
        const file = `groups: { g: { interfaces: { eth0: , eth1: }, addresses: ["${text}/${isIP(text) === 4 ? 32 : 128}"] } }`;
        const { configuration, problems } = parseConfiguration(file, "x.yaml");
        const address = configuration?.groups[0]?.addresses[0]?.address;
        if (address === undefined) {
          const unfit = problems.every((problem) => problem.text.includes("an address of one host"));
          assert.ok(isIP(text) === 0 || unfit, `${text}: ${problems[0]?.text}`);
        } else {
          const oracle = isIP(text) === 6 ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
          assert.equal(address, oracle);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
