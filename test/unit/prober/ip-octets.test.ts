import assert from "node:assert/strict";
import fc from "fast-check";
import { octetsOf, textOf } from "../../../src/prober/ip-octets.ts";

function canonical(text: string): string {
  const octets = octetsOf(text);
  assert.ok(octets, text);
  return textOf(octets.length === 4 ? 4 : 6, octets);
}

describe("octets of addresses", () => {
  it("are written as inet_ntop writes them", () => {
    const texts: Record<string, string> = {
      "192.0.2.1": "192.0.2.1",
      "2001:DB8:0:0:0:0:0:1": "2001:db8::1",
      "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
      "2001:0:0:1:0:0:0:1": "2001:0:0:1::1",
      "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
      "fe80::": "fe80::",
      "::": "::",
      "::1": "::1",
      "1::": "1::",
      "::ffff:192.0.2.1": "::ffff:192.0.2.1",
      "::192.0.2.1": "::192.0.2.1",
      "::ffff:0:192.0.2.1": "::ffff:0:c000:201",
      "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
      "ff02::1": "ff02::1",
    };
    for (const [text, expected] of Object.entries(texts)) assert.equal(canonical(text), expected);
  });

  it("come back from their text", () => {
    const octets = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(octets, (wanted) => {
        assert.deepEqual(octetsOf(textOf(wanted.length === 4 ? 4 : 6, wanted)), wanted);
      }),
    );
  });

  it("are those of addresses only", () => {
    for (const text of [
      "",
      "eth0",
      "192.0.2",
      "192.0.2.01",
      "192.0.2.256",
      "1::2::3",
      "fe80::1%eth0",
      "192.0.2.1/24",
    ]) {
      assert.equal(octetsOf(text), undefined, text);
    }
  });

  it("are read where they begin", () => {
    assert.equal(textOf(4, Uint8Array.of(1, 2, 192, 0, 2, 9, 3), 2), "192.0.2.9");
  });
});
