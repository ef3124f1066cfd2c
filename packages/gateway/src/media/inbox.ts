import { type AddressPolicy, FetchFault, type FetchOptions, openFetch, type Resolve } from "@carapace/fetch";
import { ok, type Result, refuse } from "@carapace/protocol";
import { type Media, type MediaRepository, StateError, stateFailures } from "@carapace/state";
import { pictureKind, signatureBytes } from "./picture-kind.ts";

/** What somebody sends along with a message. */
export interface IncomingMedia {
  /** `picture`: jpeg, png, gif or webp by its bytes. `any`: pictures and everything else. */
  readonly accept: "picture" | "any";
  /** What its sender calls it; only counts for what is no picture. */
  readonly mime?: string | undefined;
  readonly name?: string | undefined;
  /** It goes with this session. */
  readonly sessionId?: string | undefined;
  /** At most, and by default, 50 MiB. */
  readonly maxBytes?: number;
}

/** Where files of messages come in: from a URL that somebody named, or with the request itself. */
export interface MediaInbox {
  /** Fetches and stores a file, https only, through the guard. Anything but a 2xx is refused. */
  fetch(url: string, incoming: IncomingMedia, signal?: AbortSignal): Promise<Result<Media>>;
  /** Stores bytes that are here already (a `data:` URL, an upload). */
  keep(source: AsyncIterable<Uint8Array> | Uint8Array, incoming: IncomingMedia): Promise<Result<Media>>;
}

export interface MediaInboxDeps {
  readonly media: Pick<MediaRepository, "put">;
  readonly nowMs: () => number;
  /** Free bytes of the disk that holds the state; undefined where that cannot be told. */
  readonly freeBytes: () => Promise<number | undefined>;
  /** What the configuration allows and blocks, now. */
  readonly addresses: () => Pick<AddressPolicy, "allowTailscale" | "blockedCidrs">;
  /** How URLs are fetched, where it is not the way of the real world: another resolver, other authorities. */
  readonly world?: Pick<FetchOptions, "certificateAuthorities" | "allowPrivate"> & {
    readonly resolve?: Resolve;
  };
}

const maxFileBytes = 50 * 1024 * 1024;
const ttlMs = 3_600_000;
/** What is left to the database and its log, which matter more than pictures. */
const diskFloorBytes = 100 * 1024 * 1024;

/** Files for an hour, in `state.media` (http.md §14). Never throws but for faults of the state. */
export function createMediaInbox(deps: MediaInboxDeps): MediaInbox {
  return {
    async fetch(url, incoming, signal) {
      const full = await refuseIfFull(deps);
      if (full !== undefined) return full;
      const opened = await openFetch(url, {
        ...deps.addresses(),
        ...deps.world,
        redirects: 3,
        maxBytes: limitOf(incoming),
        ...(signal === undefined ? {} : { signal }),
      });
      if (!opened.ok) return opened;
      await using answer = opened.value;
      if (answer.status < 200 || answer.status > 299)
        return refuse("invalid_request", `The server of the file answered with status ${answer.status}.`);
      const mime = incoming.mime ?? answer.headers.get("content-type") ?? undefined;
      return store(answer.body, { ...incoming, mime }, deps);
    },
    async keep(source, incoming) {
      const full = await refuseIfFull(deps);
      return full ?? store(source instanceof Uint8Array ? once(source) : source, incoming, deps);
    },
  };
}

async function store(
  source: AsyncIterable<Uint8Array>,
  incoming: IncomingMedia,
  { media, nowMs }: MediaInboxDeps,
): Promise<Result<Media>> {
  try {
    const { head, all } = await peek(capped(source, limitOf(incoming)));
    const mime = pictureKind(head) ?? (incoming.accept === "any" ? plainMime(incoming.mime) : undefined);
    if (mime === undefined) {
      await all.return(undefined);
      return refuse("invalid_request", "The picture is not a JPEG, PNG, GIF or WebP file.");
    }
    const { name, sessionId } = incoming;
    const facts = {
      ...(name === undefined ? {} : { name: name.slice(0, 255) }),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
    return ok(await media.put(all, { mime, ttlMs, nowMs: nowMs(), ...facts }));
  } catch (error) {
    if (error instanceof FetchFault) return error.refusal;
    if (error instanceof StateError && isRefusal.has(error.code))
      return refuse(stateFailures[error.code].failure, error.message);
    throw error;
  }
}

/** What a caller can do something about, rather than a fault of the state. */
const isRefusal: ReadonlySet<StateError["code"]> = new Set(["invalid", "disk_full"]);

async function refuseIfFull({ freeBytes }: MediaInboxDeps) {
  if (((await freeBytes()) ?? diskFloorBytes) >= diskFloorBytes) return undefined;
  return refuse("unavailable", "The disk is nearly full: no files are taken until 100 MiB are free again.");
}

function limitOf({ maxBytes = maxFileBytes }: IncomingMedia): number {
  return Math.min(maxBytes, maxFileBytes);
}

/** The first bytes, and all of them. */
async function peek(source: AsyncGenerator<Uint8Array>) {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < signatureBytes) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* source;
  }
  return { head, all: all() };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* capped(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > maxBytes) throw new StateError("invalid", `The file is larger than ${maxBytes} bytes.`);
    yield part;
  }
}

/** `text/plain` of `Text/Plain; charset=utf-8`. What calls itself a picture and is none is just bytes. */
function plainMime(given = ""): string {
  const mime = /^\s*([\w.+-]{1,100}\/[\w.+-]{1,100})\s*(?:;|$)/.exec(given)?.[1]?.toLowerCase();
  return mime === undefined || mime.startsWith("image/") ? "application/octet-stream" : mime;
}
