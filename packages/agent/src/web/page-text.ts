/** Whether an answer of this type is worth a model's reading; one without a type is taken for text. */
export function isText(contentType: string): boolean {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "" || type.startsWith("text/")) return true;
  return /^(?:application|image)\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|javascript|x-ndjson|toml)$/.test(
    type,
  );
}

/** The text of some bytes, in the encoding that their type names; what cannot be read becomes U+FFFD. */
export function decodeText(bytes: Uint8Array, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType)?.[1] ?? "utf-8";
  return decoderOf(charset).decode(bytes);
}

function decoderOf(charset: string): { decode(bytes: Uint8Array): string } {
  try {
    // What encodings there are, only the platform knows: the label is whatever the server says.
    return Reflect.construct(TextDecoder, [charset]);
  } catch {
    return new TextDecoder();
  }
}

/**
 * A text without what acts on a terminal or hides what it says: control characters but line ends and tabs, characters
 * that turn the direction of writing, such as have no width, tags, and halves of surrogates.
 */
export function withoutControls(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(
      /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
      "",
    )
    .replace(/[\u{e0000}-\u{e007f}]/gu, "")
    .toWellFormed();
}
