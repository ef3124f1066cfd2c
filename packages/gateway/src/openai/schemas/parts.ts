import { once } from "@carapace/protocol";
import { z } from "zod";

/** Longest address, of a page or a file (http.md §14). */
const maxUrlChars = 2048;

/** Where a file comes from, as clients of the OpenResponses form send it. */
const source = once(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("url"), url: z.string().max(maxUrlChars) }),
    z.object({
      type: z.literal("base64"),
      data: z.string(),
      media_type: z.string().max(127).optional(),
      filename: z.string().max(255).optional(),
    }),
  ]),
);

/** A URL as a text, or in an object of its own. A `data:` URL holds the file itself. */
const url = once(() =>
  z.union([
    z.string(),
    z.object({ url: z.string(), detail: z.string().nullish() }).transform(({ url }) => url),
  ]),
);

const name = once(() => z.string().max(255).nullish());

/** One piece of a message's content, in every form that either API has (http.md §11 *Better*). */
export const contentPart = once(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({
      type: z.literal("input_text"),
      text: z.string().optional(),
      input_text: z.string().optional(),
    }),
    z.object({ type: z.literal("output_text"), text: z.string() }),
    z.object({ type: z.literal("refusal"), refusal: z.string() }),
    z.object({ type: z.literal("image_url"), image_url: url() }),
    z.object({
      type: z.literal("input_image"),
      image_url: url().nullish(),
      source: source().nullish(),
      file_id: z.string().nullish(),
    }),
    z.object({
      type: z.literal("input_file"),
      file_data: z.string().nullish(),
      file_url: z.string().max(maxUrlChars).nullish(),
      file_id: z.string().nullish(),
      filename: name(),
      source: source().nullish(),
    }),
    z.object({
      type: z.literal("file"),
      file: z.object({ file_data: z.string().nullish(), file_id: z.string().nullish(), filename: name() }),
    }),
  ]),
);
export type ContentPart = z.infer<ReturnType<typeof contentPart>>;

/** A message's content; absent and `null` are empty. */
export const content = once(() => z.union([z.string(), z.array(contentPart())]).nullish());
export type Content = z.infer<ReturnType<typeof content>>;
