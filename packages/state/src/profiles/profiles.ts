import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type AuthProfile, authProfile, type ProfileRepository } from "./types.ts";

export function profileDocuments(deps: SealedDeps): Documents<AuthProfile> {
  return new Documents(deps, {
    table: "auth_profiles",
    name: "login profile",
    schema: authProfile,
    pages: 1,
  });
}

/** The subscription logins (state.md §11.1). What is sealed in them is neither opened nor dropped here. */
export function createProfiles(deps: SealedDeps): ProfileRepository {
  const { connection } = deps;
  const profiles = profileDocuments(deps);
  return {
    find: async (id) => connection.read(() => profiles.find(id)),
    list: async () => connection.read(() => profiles.list()),
    save: async (profile) => connection.write(() => profiles.save(profile.id, profile)),
    update: async (id, change) =>
      connection.write(() => {
        const stored = profiles.find(id);
        if (stored === undefined) return false;
        profiles.save(id, { ...change(stored), id });
        return true;
      }),
    remove: async (id) => connection.write(() => profiles.remove(id)),
  };
}
