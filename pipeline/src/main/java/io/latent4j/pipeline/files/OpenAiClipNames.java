package io.latent4j.pipeline.files;

/** OpenAI's text encoder in a single file, whose keys are today's behind a prefix. */
final class OpenAiClipNames extends OriginalNames {
    OpenAiClipNames(String prefix) {
        super(prefix);
    }
}
