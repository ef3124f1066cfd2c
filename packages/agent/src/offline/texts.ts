/** What the built-in assistant says about itself. */

export const addModelText = [
  "To talk to a language model, give the gateway a key and choose a model, then start it again:",
  "",
  "Anthropic:",
  "  export ANTHROPIC_API_KEY=<your key>",
  "  cara config set agents.defaults.model anthropic:claude-sonnet-4-6",
  "",
  "OpenAI, or a server that speaks its API (then also OPENAI_BASE_URL):",
  "  export OPENAI_API_KEY=<your key>",
  "  cara config set agents.defaults.model openai:gpt-5.5",
  "",
  "Ollama, on this machine, without a key:",
  "  export OLLAMA_BASE_URL=http://localhost:11434",
  "  cara config set agents.defaults.model ollama:qwen3",
  "",
  "Notes and conversations stay as they are.",
].join("\n");

export const helpText = [
  "I am the built-in assistant of Carapace. I am not a language model, but these I understand:",
  '- the time: "what time is it in Tokyo?"',
  '- arithmetic: "what is 17% of 230?"',
  '- notes: "remember that my dog is called Rex", "what is my dog called?", "what do you remember?", "forget my dog"',
  '- earlier conversations: "search my sessions for lisbon"',
  '- how the program does: "status"',
  '- a real language model: "how do I add a model?"',
].join("\n");

export const whoText =
  "I am the built-in assistant of Carapace, model offline:basic: a small program with fixed rules, not a language model. " +
  "I work without a network and without a key, and I use the same tools as a model would. " +
  'Ask "how do I add a model?" to talk to a language model instead, or "help" for what I can do.';

export const greetingText =
  'Hello. I am the built-in assistant of Carapace. I am not a language model, but I can help a little: try "help".';

export const thanksText = "You are welcome.";

export const byeText = "Goodbye. Our conversation is kept; you can go on with it at any time.";

export const unknownText = [
  "I did not understand that: I am not a language model, only the small built-in assistant of Carapace.",
  'I can tell the time, calculate, keep notes, search our conversations and show the status: say "help" for examples.',
  'To get answers to everything else, add a language model: say "how do I add a model?"',
].join("\n");
