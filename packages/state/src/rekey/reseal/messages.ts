import { blobColumns, integer, numberColumns, type Row, textColumns } from "../../database/row.ts";
import { type Macs, sameMac } from "../../integrity/macs.ts";
import { genesisMac, type MessageRow, messageMac, parseMessageRow } from "../../messages/row.ts";
import type { SessionRow } from "../../sessions/row.ts";
import { pageSize, type Resealing, resealed } from "./types.ts";

/** A message's MAC under both keys; the same twice where it was not right. */
interface Link {
  readonly old: Uint8Array;
  readonly fresh: Uint8Array;
}

const selectPage = `SELECT n, ${textColumns("session_id", "generation", "id", "role", "run_id", "metadata", "content")},
  ${numberColumns("seq", "tokens", "created_at")}, ${blobColumns("content_mac", "mac")}
  FROM messages m WHERE m.session_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ${pageSize}`;

/** Reseals a session's history link by link. @returns the new MAC of its head, if the head was right */
export function resealMessages(work: Resealing, session: SessionRow): Uint8Array | undefined {
  const { id, generation } = session;
  let previous: Link = {
    old: genesisMac(work.old, id, generation),
    fresh: genesisMac(work.fresh, id, generation),
  };
  let head: Uint8Array | undefined;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const from: number = after;
    after = work.connection.write(() => {
      const rows = work.connection.all(selectPage, [id, from]);
      for (const raw of rows) {
        const row = parseMessageRow(raw);
        previous = resealMessage(work, { raw, row, previous });
        if (row.seq === session.headSeq && sameMac(row.mac, session.headMac)) head = previous.fresh;
      }
      work.count(rows.length);
      const last = rows.length === pageSize ? rows.at(-1) : undefined;
      return last === undefined ? undefined : integer(last, "seq");
    });
  }
  return head;
}

interface Place {
  readonly raw: Row;
  readonly row: MessageRow;
  readonly previous: Link;
}

function resealMessage(work: Resealing, { raw, row, previous }: Place): Link {
  const contentMac = resealedContent(work, row);
  const mac = resealed(work, row.mac, (macs, keys) =>
    messageMac(macs, previous[keys], keys === "old" ? row : { ...row, contentMac }),
  );
  if (mac === undefined) return { old: row.mac, fresh: row.mac };
  work.connection.run("UPDATE messages SET content_mac = ?, mac = ? WHERE n = ?", [
    contentMac,
    mac,
    integer(raw, "n"),
  ]);
  return { old: row.mac, fresh: mac };
}

// Text that was erased has left its MAC behind, which nobody can make anew, nor needs to.
function resealedContent(work: Resealing, { content, contentMac }: MessageRow): Uint8Array {
  if (content === undefined) return contentMac;
  return resealed(work, contentMac, (macs: Macs) => macs.content(content)) ?? contentMac;
}
