/** What no reader sees, or what is no text. */
const unseen = [
  ..."script style noscript template svg math canvas iframe object embed audio video select datalist dialog".split(
    " ",
  ),
  ...[
    "[hidden]",
    "[aria-hidden=true]",
    '[style*="display:none"]',
    '[style*="display: none"]',
    "head > :not(title)",
  ],
].join(", ");

const blocks =
  "p, div, section, article, main, header, footer, nav, aside, ul, ol, dl, dt, dd, table, blockquote, pre, form, " +
  "figure, figcaption, title, address, fieldset, details, summary";

/** A line end of ours, until those of the source, which mean no more than a space, are gone: of private use. */
const line = "\ue000";
const gap = line + line;

/**
 * An HTML page as text with the marks of Markdown: headings, lists, links with their whole address. Scripts, styles and
 * hidden parts are left out, and so is what comes behind the first 384 Ki characters of the rest. HTML that cannot be taken apart comes back as it is.
 * @param base where the page is from, for its links
 */
export function readableText(html: string, base: string): string {
  try {
    const marked = rewriterFor(base).transform(withoutCode(html).slice(0, maxCharacters));
    // End tags that belong to nothing.
    return decodeEntities(tidied(marked.replace(/<\/[a-z][^<>]*>/gi, "")));
  } catch {
    return html;
  }
}

/** More than a model is shown of a page. Taking it apart blocks everything else: 0.2 s for the worst page of this size. */
const maxCharacters = 384 * 1024;

/** A page without scripts, styles and drawings, which are most of many pages, in one pass. */
function withoutCode(html: string): string {
  const lower = html.toLowerCase();
  const isSameLength = lower.length === html.length;
  const kept: string[] = [];
  let from = 0;
  for (const begin = /<(script|style|svg)\b/g; isSameLength; ) {
    begin.lastIndex = from;
    const found = begin.exec(lower);
    if (found === null) break;
    kept.push(html.slice(from, found.index));
    const end = lower.indexOf(`</${found[1]}`, found.index);
    from = end < 0 ? html.length : lower.indexOf(">", end) + 1 || html.length;
  }
  return kept.join("") + html.slice(from);
}

function rewriterFor(base: string): HTMLRewriter {
  const rewriter = new HTMLRewriter()
    .onDocument({ comments: (comment) => void comment.remove(), doctype: (doctype) => void doctype.remove() })
    .on(unseen, { element: (element) => void element.remove() })
    .on("pre", { text: (text) => void text.replace(text.text.replace(/\r?\n/g, line), { html: true }) })
    .on("br, li, tr, option", { element: (element) => void element.before(line) })
    .on("hr", { element: (element) => void element.before(`${gap}---${gap}`) })
    .on("td, th", { element: (element) => void element.before(" | ") })
    .on("li", { element: (element) => void element.prepend("- ") })
    .on("img[alt]", {
      element: (element) => void element.before(`[${(element.getAttribute("alt") ?? "").slice(0, 300)}]`),
    })
    .on("a[href]", { element: (element) => writeLink(element, base) })
    .on(blocks, { element: (element) => void element.before(gap).after(gap) });
  for (const level of [1, 2, 3, 4, 5, 6])
    rewriter.on(`h${level}`, {
      element: (element) =>
        void element
          .before("\n\n")
          .prepend(`${"#".repeat(level)} `)
          .after("\n\n"),
    });
  return rewriter.on("*", { element: (element) => void element.removeAndKeepContent() });
}

function writeLink(element: HTMLRewriterTypes.Element, base: string): void {
  const url = URL.parse(decodeEntities(element.getAttribute("href") ?? ""), base);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hash !== "") return;
  element.prepend("[").append(`](${url.href.slice(0, 2048)})`);
}

const named: Readonly<Record<string, string>> = {
  ...{
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: " ",
    copy: "\u00a9",
    reg: "\u00ae",
    euro: "\u20ac",
  },
  ...{
    hellip: "\u2026",
    mdash: "\u2014",
    ndash: "\u2013",
    laquo: "\u00ab",
    raquo: "\u00bb",
    middot: "\u00b7",
  },
  ...{ lsquo: "\u2018", rsquo: "\u2019", ldquo: "\u201c", rdquo: "\u201d", bull: "\u2022", times: "\u00d7" },
  ...{
    auml: "\u00e4",
    ouml: "\u00f6",
    uuml: "\u00fc",
    Auml: "\u00c4",
    Ouml: "\u00d6",
    Uuml: "\u00dc",
    szlig: "\u00df",
  },
  ...{
    eacute: "\u00e9",
    egrave: "\u00e8",
    agrave: "\u00e0",
    ccedil: "\u00e7",
    ntilde: "\u00f1",
    deg: "\u00b0",
  },
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, decodeEntity);
}

function decodeEntity(entity: string): string {
  const name = entity.slice(1, -1);
  if (!name.startsWith("#")) return Object.hasOwn(named, name) ? (named[name] ?? entity) : entity;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

function tidied(text: string): string {
  const lines = text.replace(/\s+/g, " ").split(line);
  return lines
    .map(withoutEdges)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A line without the spaces and cell marks at its ends; character by character, as a long run of them is cheap to send. */
function withoutEdges(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isEdge(text[start])) start++;
  while (end > start && isEdge(text[end - 1])) end--;
  return text.slice(start, end);
}

function isEdge(character: string | undefined): boolean {
  return character === " " || character === "|";
}
