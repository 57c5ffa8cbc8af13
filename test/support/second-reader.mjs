// The kernel's state of this network namespace as the npm package `netlink` sees it, as one line of JSON: links, addresses,
// next hops and routes in the shapes of src/core/kernel-objects.ts. Left out is what the package can not tell: the kind of a
// link and the owner's mark of an address. In a process of its own, because the package ends the process when it fails.
import { SocketAddress } from "node:net";
import netlink from "netlink";

const FAMILIES = { 2: 4, 10: 6 };
const SCOPES = { UNIVERSE: "universe", LINK: "link", HOST: "host", 0: "universe", 253: "link", 254: "host" };
const PROTOCOLS = { UNSPEC: 0, REDIRECT: 1, KERNEL: 2, BOOT: 3, STATIC: 4, RA: 9 };
/** Bytes of `struct nexthop_grp`. */
const GROUP_ENTRY_SIZE = 8;

/** The usual text of address bytes, "" without any. */
function text(bytes) {
  if (bytes === undefined) return "";
  if (bytes.length === 4) return bytes.join(".");
  const words = bytes.toString("hex").match(/.{4}/g).join(":");
  return new SocketAddress({ address: words, family: "ipv6" }).address;
}

function link({ data, attrs }) {
  return {
    index: data.index,
    name: attrs.ifname,
    hardwareAddress: attrs.address?.toString("hex").match(/../g).join(":") ?? "",
    adminUp: data.flags.up ?? false,
    carrier: attrs.carrier === 1,
    mtu: attrs.mtu,
    alias: attrs.ifalias ?? "",
    master: attrs.master ?? 0,
  };
}

function address({ data, attrs }) {
  const flags = attrs.flags ?? data.flags;
  return {
    index: data.index,
    family: FAMILIES[data.family],
    address: text(attrs.local ?? attrs.address),
    prefixLength: data.prefixlen,
    scope: SCOPES[data.scope],
    tentative: flags.tentative ?? false,
    deprecated: flags.deprecated ?? false,
  };
}

function nextHop({ data, attrs }) {
  const group = attrs.group ?? Buffer.alloc(0);
  const entries = Array.from({ length: group.length / GROUP_ENTRY_SIZE }, (_, place) => place * GROUP_ENTRY_SIZE);
  return {
    id: attrs.id,
    protocol: PROTOCOLS[data.protocol] ?? data.protocol,
    // A group has none.
    family: FAMILIES[data.family] ?? 0,
    index: attrs.oif ?? 0,
    gateway: text(attrs.gateway),
    group: entries.map((offset) => group.readUInt32LE(offset)),
  };
}

function route({ data, attrs }) {
  const nextHopId = attrs.nhId?.readUInt32LE() ?? 0;
  return {
    family: FAMILIES[data.family],
    destination: `${text(attrs.dst ?? Buffer.alloc(data.family === 2 ? 4 : 16))}/${data.dstLen}`,
    table: attrs.table ?? data.table,
    metric: attrs.priority ?? 0,
    type: String(data.type).toLowerCase(),
    scope: SCOPES[data.scope],
    protocol: PROTOCOLS[data.protocol] ?? data.protocol,
    nextHopId,
    // The kernel names the device of a single next-hop object as well.
    index: nextHopId === 0 ? (attrs.oif ?? 0) : 0,
    source: text(attrs.prefsrc),
  };
}

const socket = netlink.createRtNetlink();
const picture = {
  links: (await socket.getLinks()).map(link),
  addresses: (await socket.getAddresses()).map(address),
  nextHops: (await socket.getNextHops()).map(nextHop),
  routes: (await socket.getRoutes()).map(route),
};
socket.socket.close();
process.stdout.write(`${JSON.stringify(picture)}\n`);
