package io.latent4j.pipeline.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A model lacks one part: its autoencoder, for instance, or a tokenizer, which no single file holds. */
public final class MissingPartException extends IOException {
    /** The part that models often leave out, as they share theirs. */
    public static final String AUTOENCODER = "vae";

    /** The part that no single file holds. */
    public static final String TOKENIZER = "tokenizer";

    private static final long serialVersionUID = 1;

    private final String part;

    private MissingPartException(String part, String message, IOException cause) {
        super(message, cause);
        this.part = part;
    }

    /** @param prefix what the part's keys begin with in the file */
    static MissingPartException of(Path file, String part, String prefix) {
        boolean isAutoencoder = part.equals(AUTOENCODER);
        return new MissingPartException(
                part,
                file + ": has no " + (isAutoencoder ? "autoencoder" : part) + " (no tensors " + prefix + "*); "
                        + (isAutoencoder
                                ? "give another autoencoder"
                                : "merge one into the file, or use the model's folder"),
                null);
    }

    /** Of a folder without a folder {@code vae}. */
    public static MissingPartException autoencoderOf(Path folder) {
        return new MissingPartException(
                AUTOENCODER, folder + ": has no autoencoder (no folder vae); give another autoencoder", null);
    }

    /**
     * Of a single file whose tokenizer nobody names.
     *
     * @param wanted the one that would do
     */
    static MissingPartException tokenizer(Path file, Optional<HubTokenizer> wanted, String found, IOException cause) {
        return new MissingPartException(
                TOKENIZER,
                file + ": a single file holds no tokenizer" + found + "; name a folder with "
                        + wanted.map(its -> String.join(" and ", its.vocabulary()) + " of " + its.repository())
                                .orElse("the model's"),
                cause);
    }

    /** The part, called as its folder in the layout of diffusers. */
    public String part() {
        return part;
    }
}
