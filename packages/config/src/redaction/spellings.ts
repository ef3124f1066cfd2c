/** Shorter ones would make base64 and hexadecimal so short that they stand in innocent text. */
const shortestEncoded = 8;
/** Of a longer one only the beginning is looked for in another form: enough to cover what a line of a log holds. */
const longestEncoded = 4096;

/**
 * The forms in which a secret may stand in a text: as it is, as JSON writes it (once and twice over), in an address or a
 * form, in hexadecimal, and in base64 of a text that holds it anywhere (`user:password`, say).
 */
export function spellingsOf(secret: string): string[] {
  const forms = new Set([secret, ...jsonForms(secret), ...addressForms(secret)]);
  const bytes = Buffer.from(secret.slice(0, longestEncoded));
  if (bytes.length >= shortestEncoded) {
    const hex = bytes.toString("hex");
    for (const form of [hex, hex.toUpperCase(), ...base64Forms(bytes)]) forms.add(form);
  }
  return [...forms];
}

function jsonForms(secret: string): string[] {
  const once = inJson(secret);
  // Some writers also escape slashes, and what HTML would read.
  const careful = once.replace(/[<>&'+]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`);
  const pure = once.replace(
    /[^\u0000-\u007f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [once, inJson(once), once.replaceAll("/", "\\/"), careful, pure];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function addressForms(secret: string): string[] {
  if (!secret.isWellFormed()) return [];
  const full = encodeURIComponent(secret);
  const strict = full.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const small = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [full, strict, small(full), small(strict), strict.replaceAll("%20", "+"), encodeURI(secret)];
}

/** What base64 makes of the bytes wherever they begin in what is encoded: without the characters it shares with neighbours. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    const own = text.slice(first, last);
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
