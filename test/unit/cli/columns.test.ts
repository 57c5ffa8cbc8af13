import assert from "node:assert/strict";
import { defaultColumns, humanTable, jsonObject, parsableLine, selectColumns } from "../../../src/cli/columns.ts";
import { COLUMNS } from "../../../src/cli/ipmpstat-rows.ts";

const ADDRESS_COLUMNS = COLUMNS.a;
const row = (ADDRESS: string, STATE = "up", GROUP = "ipmp0") => ({
  ADDRESS,
  STATE,
  GROUP,
  INBOUND: "eth1",
  OUTBOUND: "eth1 eth0",
});
const lineOf = (value: ReturnType<typeof row>) => humanTable(ADDRESS_COLUMNS, () => undefined)(value)[1];
const chosen = (list: string) => selectColumns(ADDRESS_COLUMNS, list).columns;

describe("columns", () => {
  it("pads all columns but the last", () => {
    assert.equal(lineOf(row("192.0.2.10")), "192.0.2.10                up     ipmp0       eth1        eth1 eth0");
  });

  it("prints a long value whole, and aligns again as soon as padding allows", () => {
    const long = lineOf(row("2001:db8:1111:2222:3333:4444:5555:10"));
    assert.equal(long, "2001:db8:1111:2222:3333:4444:5555:10 up ipmp0 eth1       eth1 eth0");
    assert.equal(long?.lastIndexOf("eth1 eth0"), "192.0.2.10                up     ipmp0       eth1        ".length);
  });

  it("takes a value as wide as its column for too long, and one narrower not", () => {
    assert.equal(lineOf(row("x".repeat(26)))?.slice(26, 35), " up    ip");
    assert.equal(lineOf(row("x".repeat(25)))?.slice(25, 35), " up     ip");
  });

  it("counts characters, not code units", () => {
    assert.equal(lineOf(row("\u{1F600}"))?.indexOf("up"), 27);
  });

  it("shows all columns that fit into 80 characters", () => {
    assert.deepEqual(defaultColumns(ADDRESS_COLUMNS), ADDRESS_COLUMNS);
    const probe = defaultColumns(COLUMNS.p).map(({ name }) => name);
    assert.deepEqual(probe, ["TIME", "INTERFACE", "PROBE", "NETRTT", "RTT", "RTTAVG", "TARGET"]);
  });

  it("escapes colons and backslashes where there are several columns", () => {
    assert.equal(parsableLine(row("2001:db8::1"), chosen("address,group")), "2001\\:db8\\:\\:1:ipmp0");
    assert.equal(parsableLine(row("a", "up", "b\\c"), chosen("group,state")), "b\\\\c:up");
  });

  it("escapes nothing in a single column", () => {
    assert.equal(parsableLine(row("2001:db8::1"), chosen("address")), "2001:db8::1");
  });

  it("shows empty values as --, as nothing, or as null", () => {
    const empty = row("", "");
    assert.match(lineOf(empty) ?? "", /^-- {24}-- {5}ipmp0/);
    assert.equal(parsableLine(empty, chosen("address,state,group")), "::ipmp0");
    assert.deepEqual(jsonObject(empty, chosen("address,group")), { address: null, group: "ipmp0" });
  });

  it("takes names in any case and order, and reports those that do not exist", () => {
    const { columns, unknown } = selectColumns(ADDRESS_COLUMNS, "state,Bogus,ADDRESS,");
    assert.deepEqual(
      columns.map(({ name }) => name),
      ["STATE", "ADDRESS"],
    );
    assert.deepEqual(unknown, ["Bogus", ""]);
  });

  it("prints a header, 23 rows, a header and the rest where the height is unknown", () => {
    const lines = Array(30)
      .fill(row("x"))
      .flatMap(humanTable(ADDRESS_COLUMNS, () => undefined));
    assert.equal(lines.length, 32);
    assert.deepEqual(
      lines.flatMap((line, index) => (line.startsWith("ADDRESS") ? [index] : [])),
      [0, 24],
    );
  });
});
