/** One request to the owner's receiver. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The receiver may be on this machine or in its network. */
  readonly allowPrivate: boolean;
}

/** What came of it. */
export type PostAnswer =
  | { readonly kind: "answer"; readonly status: number; readonly retryAfter: string | undefined }
  | {
      readonly kind: "none";
      /** Why, without the address. */
      readonly say: string;
      readonly isTransient: boolean;
      readonly mayHaveArrived: boolean;
    };

/** Contract: failures are returned; ends within 30 s. */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<PostAnswer>;
