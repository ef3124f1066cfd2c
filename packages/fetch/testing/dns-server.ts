import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { Resolve } from "../src/exchange/resolve.ts";

/** What a name server says to one question: addresses of both families, and another name before them. */
export interface DnsAnswer {
  readonly addresses: readonly string[];
  readonly cname?: string;
}

export interface DnsServer extends AsyncDisposable {
  /** Asks this server, over the wire, each time anew. */
  readonly resolve: Resolve;
  /** How often a name was looked up. */
  readonly lookups: (name: string) => number;
}

/**
 * A name server on loopback, whose answers are worth nothing a moment later.
 * @param zone what it says of a name the first time, the second time, and so on; the last stays. A name without any does not exist.
 */
export async function dnsServer(zone: Readonly<Record<string, readonly DnsAnswer[]>>): Promise<DnsServer> {
  const asked = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const { name, type } = questionOf(query);
    const count = Math.max(0, (asked.get(name) ?? 0) - 1);
    const said = zone[name]?.[Math.min(count, (zone[name]?.length ?? 1) - 1)];
    socket.send(reply(query, type, said), port, address);
  });
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    lookups: (name) => asked.get(name) ?? 0,
    async resolve(name) {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      const none = (): string[] => [];
      const found = await Promise.all([
        resolver.resolve4(name).catch(none),
        resolver.resolve6(name).catch(none),
      ]);
      return found.flat();
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((closed) => socket.close(closed));
    },
  };
}

const typeA = 1;
const typeCname = 5;
const typeAaaa = 28;

function questionOf(query: Buffer): { name: string; type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + size));
    at += size + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1) };
}

function reply(query: Buffer, type: number, said: DnsAnswer | undefined): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const owner = said?.cname === undefined ? Buffer.from([0xc0, 12]) : encodedName(said.cname);
  const records = (said?.addresses ?? [])
    .filter((address) =>
      type === typeA ? address.includes(".") : type === typeAaaa && address.includes(":"),
    )
    .map((address) => record(owner, type, addressBytes(address)));
  if (said?.cname !== undefined)
    records.unshift(record(Buffer.from([0xc0, 12]), typeCname, encodedName(said.cname)));
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // An authoritative answer, recursion available; "no such name" for what is not in the zone.
  head.writeUInt16BE(said === undefined ? 0x8583 : 0x8580, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, query.subarray(12, end), ...records]);
}

function record(owner: Buffer, type: number, content: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(content.length, 8);
  return Buffer.concat([owner, fixed, content]);
}

function encodedName(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function addressBytes(address: string): Buffer {
  if (address.includes(".")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::");
  const words = (part: string) =>
    part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
  const [first, last] = [words(head), words(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
