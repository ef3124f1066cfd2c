import { once } from "@carapace/protocol";
import { z } from "zod";

/**
 * A subscription login as its row keeps it: the reference's shape (state.md §11.1). Sealed values stay the text they
 * are, whether this process can open them or not; whatever else an entry holds is kept.
 */
export const authProfile = once(() => z.looseObject({ id: z.string().min(1).max(255) }));
export type AuthProfile = z.infer<ReturnType<typeof authProfile>>;

/** The subscription logins (state.md §11.1). */
export interface ProfileRepository {
  find(id: string): Promise<AuthProfile | undefined>;
  /** By id. */
  list(): Promise<AuthProfile[]>;
  save(profile: AuthProfile): Promise<void>;
  /** Reads and writes in one transaction: `change` gets what is stored. @returns false if there is none */
  update(id: string, change: (stored: AuthProfile) => AuthProfile): Promise<boolean>;
  remove(id: string): Promise<boolean>;
}
