/** What setting up, importing and the onboarding routes know of the providers. */
export type { ProviderAuthMode, SetupProvider, SetupSetting } from "./providers.ts";
export { setupProviders } from "./providers.ts";
