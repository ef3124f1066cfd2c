import { invalid } from "../errors.ts";
import type { Content, ContentPart } from "../schemas/parts.ts";
import type { FileSource, Piece, Read } from "./types.ts";

/** Pure. The pieces of a message's content; refused if one of them names what this gateway does not have. */
export function readContent(content: Content, param: string): Read<Piece[]> {
  if (content === null || content === undefined || content === "") return { ok: true, value: [] };
  if (typeof content === "string") return { ok: true, value: [{ kind: "text", text: content }] };
  const pieces: Piece[] = [];
  for (const [index, part] of content.entries()) {
    const piece = readPart(part, `${param}.${index}`);
    if (!piece.ok) return piece;
    pieces.push(piece.value);
  }
  return { ok: true, value: joined(pieces) };
}

/** Pure. The texts of some content, a line each. */
export function textIn(pieces: readonly Piece[]): string {
  return pieces.flatMap((piece) => (piece.kind === "text" ? [piece.text] : [])).join("\n");
}

/** Texts that follow each other are one, as lines. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.kind === "text" && last?.kind === "text")
      result[result.length - 1] = { kind: "text", text: `${last.text}\n${piece.text}` };
    else result.push(piece);
  }
  return result;
}

function readPart(part: ContentPart, param: string): Read<Piece> {
  switch (part.type) {
    case "text":
    case "output_text":
      return text(part.text);
    case "input_text":
      return text(part.text ?? part.input_text ?? "");
    case "refusal":
      return text(part.refusal);
    case "image_url":
      return file(ofUrl(part.image_url), { isImage: true, param });
    case "input_image":
      return file(sourceOf(part) ?? ofUrl(part.image_url), { isImage: true, param });
    case "input_file":
      return file(sourceOf(part) ?? ofUrl(part.file_url) ?? ofData(part.file_data), {
        isImage: false,
        param,
        ...(part.filename ? { name: part.filename } : {}),
      });
    case "file":
      return file(ofData(part.file.file_data), {
        isImage: false,
        param,
        ...(part.file.filename ? { name: part.file.filename } : {}),
      });
  }
}

type From = { kind: "url"; url: string } | { kind: "base64"; data: string; mime?: string; name?: string };

function text(value: string): Read<Piece> {
  return { ok: true, value: { kind: "text", text: value } };
}

function file(from: From | undefined, facts: Pick<FileSource, "isImage" | "param" | "name">): Read<Piece> {
  if (from !== undefined) return { ok: true, value: { kind: "file", file: { ...facts, ...from } } };
  const say =
    "This gateway keeps no uploaded files: send the file itself (base64) or its https address instead of an id.";
  return { ok: false, error: invalid(say, facts.param) };
}

function sourceOf(part: Extract<ContentPart, { type: "input_image" | "input_file" }>): From | undefined {
  const { source } = part;
  if (!source) return undefined;
  if (source.type === "url") return ofUrl(source.url);
  const { data, media_type: mime, filename: name } = source;
  return { kind: "base64", data, ...(mime ? { mime } : {}), ...(name ? { name } : {}) };
}

function ofUrl(url: string | null | undefined): From | undefined {
  if (!url) return undefined;
  return url.startsWith("data:") ? dataUrl(url) : { kind: "url", url };
}

/** A file's own field holds base64, or the same in a `data:` URL. */
function ofData(data: string | null | undefined): From | undefined {
  if (!data) return undefined;
  return data.startsWith("data:") ? dataUrl(data) : { kind: "base64", data };
}

/** `data:<type>[;params];base64,<data>` (RFC 2397). What is not base64 is refused where it is decoded. */
function dataUrl(url: string): From {
  const comma = url.indexOf(",");
  const head = url.slice("data:".length, Math.max(comma, "data:".length));
  const [mime = "", ...params] = head.split(";");
  const data = comma < 0 || params.at(-1)?.trim().toLowerCase() !== "base64" ? "" : url.slice(comma + 1);
  return { kind: "base64", data, ...(mime === "" ? {} : { mime }) };
}
