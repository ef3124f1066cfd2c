import { type Block, mediaNote, type Origin } from "@carapace/protocol";
import { type State, StateError } from "@carapace/state";
import { busy, invalid } from "../errors.ts";
import type { FileSource, Read } from "../question/types.ts";
import type { FetchFile } from "./fetch-file.ts";
import { sniff, textOfBytes } from "./sniff.ts";

/** Of one file, and of all files of one request. */
const maxFileBytes = 10 * 1024 * 1024;
const maxFiles = 16;
/** Of a text; the rest is cut off, and that is said. */
const maxTextChars = 256 * 1024;
/** The conversation it belongs to may go on for a while. */
const ttlMs = 24 * 3_600_000;
/** Where the disk is full. */
const retryAfterSeconds = 30;

export interface AttachmentDeps {
  readonly media: State["media"];
  readonly fetchFile: FetchFile;
  readonly nowMs: () => number;
}

/** Takes in the files of one request. */
export interface Attachments {
  /**
   * A text as text, a picture or PDF as a block that names it in the media store.
   * @param sessionId The conversation it goes with.
   */
  take(file: FileSource, sessionId: string | undefined): Promise<Read<Block>>;
}

export function createAttachments(deps: AttachmentDeps, signal: AbortSignal): Attachments {
  let count = 0;
  return {
    async take(file, sessionId) {
      count += 1;
      if (count > maxFiles) return refuse(`At most ${maxFiles} files fit into one request.`, file);
      const got = await bytesOf(file, deps, signal);
      if (!got.ok) return got;
      const mime = sniff(got.value);
      const origin = originOf(file);
      const name = nameOf(file);
      if (mime === "text/plain" && !file.isImage)
        return { ok: true, value: textBlock(got.value, { name, origin }) };
      if (mime === undefined || mime === "text/plain" || (file.isImage && !mime.startsWith("image/")))
        return refuse(wrongType(file), file);
      return await stored(got.value, { file, mime, sessionId, name, origin }, deps);
    },
  };
}

interface Facts {
  readonly file: FileSource;
  readonly mime: string;
  readonly sessionId: string | undefined;
  readonly name: string | undefined;
  readonly origin: Origin;
}

async function stored(
  bytes: Uint8Array,
  { file, mime, sessionId, name, origin }: Facts,
  { media, nowMs }: AttachmentDeps,
): Promise<Read<Block>> {
  const facts = { mime, ttlMs, nowMs: nowMs(), ...(sessionId && { sessionId }), ...(name && { name }) };
  try {
    const { id } = await media.put(once(bytes), facts);
    return { ok: true, value: { type: "media", mediaId: id, mime, ...(name && { name }), origin } };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    // The file is at fault, or the disk is: the same file may well be taken later.
    if (error.code === "invalid") return refuse(error.message, file);
    return { ok: false, error: busy(error.message, retryAfterSeconds) };
  }
}

async function bytesOf(
  file: FileSource,
  { fetchFile }: AttachmentDeps,
  signal: AbortSignal,
): Promise<Read<Uint8Array>> {
  if (file.kind === "url") {
    const fetched = await fetchFile(file.url, { maxBytes: maxFileBytes, signal });
    return fetched.ok ? fetched : refuse(`The file could not be fetched: ${fetched.say}`, file);
  }
  const text = file.data.replace(/\s+/g, "");
  if (text === "" || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return refuse("The file is not base64.", file);
  return { ok: true, value: Buffer.from(text, "base64") };
}

/** What strangers' pages and files say is theirs, not the owner's. */
function originOf(file: FileSource): Origin {
  if (file.kind === "base64") return { kind: "file", ...(file.name && { ref: file.name }) };
  const host = URL.parse(file.url)?.hostname.slice(0, 255);
  return { kind: "web", ...(host && { ref: host }) };
}

function nameOf(file: FileSource): string | undefined {
  if (file.name !== undefined) return file.name;
  if (file.kind === "base64") return undefined;
  return URL.parse(file.url)?.pathname.split("/").at(-1)?.slice(0, 255) || undefined;
}

function textBlock(
  bytes: Uint8Array,
  { name, origin }: { readonly name: string | undefined; readonly origin: Origin },
): Block {
  const whole = textOfBytes(bytes) ?? "";
  const text = whole.length > maxTextChars ? `${whole.slice(0, maxTextChars).toWellFormed()}\n(cut)` : whole;
  const head = mediaNote({ mime: "text/plain", ...(name && { name }) });
  return { type: "text", text: `${head}\n${text}`, origin };
}

function wrongType({ isImage }: FileSource): string {
  return isImage
    ? "The picture is none of PNG, JPEG, GIF and WebP."
    : "The file is no text, no PDF and none of PNG, JPEG, GIF and WebP.";
}

function refuse(message: string, { param }: FileSource): { ok: false; error: ReturnType<typeof invalid> } {
  return { ok: false, error: invalid(message, param) };
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}
