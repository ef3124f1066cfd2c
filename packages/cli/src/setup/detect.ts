import type { SetupProvider } from "@carapace/config/setup";
import type { AuthModeFlag } from "./choice.ts";

/** Something that is already there and could answer. */
export interface FoundProvider {
  readonly provider: SetupProvider["id"];
  /** Where `--auth-mode` has to say it. */
  readonly authMode?: AuthModeFlag;
  /** How it was found: `ANTHROPIC_API_KEY is set`, `Ollama runs at http://localhost:11434 (qwen3, llama3.2)`. */
  readonly say: string;
  /** A model to offer; as it is written. */
  readonly model: string;
  /** All of them, where they are known, as they are written. */
  readonly models?: readonly string[];
}

/** Another assistant's configuration; nothing of it was read. */
export interface FoundTool {
  readonly label: string;
  readonly path: string;
  /** What takes it over. */
  readonly command: string;
}

/** What is there on this machine: the first provider is the one to offer. */
export interface Detected {
  readonly providers: readonly FoundProvider[];
  readonly tools: readonly FoundTool[];
}
