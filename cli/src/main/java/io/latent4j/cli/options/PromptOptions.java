package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How prompts are read. */
public final class PromptOptions {
    @Option(
            names = "--prompt-syntax",
            paramLabel = "NAME",
            description =
                    "weighted: (word:1.2) weighs more, [a:b:0.4] is a and then b, [a|b] takes turns, and a prompt may"
                            + " be up to 20000 letters long; plain: as it is written, cut where the model's tokens end"
                            + " (default: weighted).")
    private Optional<PromptSyntax> syntax;

    @Option(
            names = "--clip-skip",
            paramLabel = "N",
            description =
                    "The text encoder's layer that is read out: 1 is the model's own, 2 the one before it (default:"
                            + " 1).")
    private Optional<Integer> clipSkip;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description =
                    "How many tokens of a prompt a model with T5 or Qwen3 reads (default: as the model is used as a"
                            + " rule, 300 for PixArt, 256 for SD 3).")
    private Optional<Integer> maxTokens;

    /** The request with what these options say. */
    public GenerationRequest addTo(GenerationRequest request) {
        GenerationRequest read = syntax.map(request::withPromptSyntax).orElse(request);
        GenerationRequest skipped = clipSkip.map(read::withClipSkip).orElse(read);
        return maxTokens.map(skipped::withMaxTokens).orElse(skipped);
    }
}
