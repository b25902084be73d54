package io.latent4j.pipeline.files;

import java.util.List;
import java.util.stream.Stream;

/**
 * A tokenizer on the hub, which models in single files share.
 *
 * @param repository its name, {@code owner/name}
 * @param vocabulary the files that it needs
 * @param settings files that it may have beside them
 */
public record HubTokenizer(String repository, List<String> vocabulary, List<String> settings) {
    /** The vocabulary of every Stable Diffusion, MIT licensed. */
    static final HubTokenizer CLIP = new HubTokenizer(
            "openai/clip-vit-large-patch14",
            List.of("vocab.json", "merges.txt"),
            List.of("special_tokens_map.json", "tokenizer_config.json"));

    public HubTokenizer {
        vocabulary = List.copyOf(vocabulary);
        settings = List.copyOf(settings);
    }

    List<String> files() {
        return Stream.concat(vocabulary.stream(), settings.stream()).toList();
    }
}
