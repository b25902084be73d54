package io.latent4j.lora;

import io.latent4j.core.config.Counted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is in an adapter file, and how much of it a model has a place for.
 *
 * @param namings whose names it uses
 * @param kinds how many layers are of each kind: LoRA, LoCon, LoHa, LoKr, each also with DoRA
 * @param ranks that occur, ascending; none for layers that have none
 * @param alphas that occur, ascending; a layer without one is scaled by 1
 * @param layers how many layers it has something for
 * @param unmatched layers, as the file calls them, that the model has not; empty where it was compared with no model
 * @param words learned words that it brings: see {@link Lora#words}
 * @param unread keys that are of no kind of adapter, and are ignored
 * @param madeFor the models it says, or by its layers seems, to be made for
 * @param metadata free text in its header
 */
public record LoraReport(
        Path file,
        List<LoraNaming> namings,
        Map<String, Integer> kinds,
        List<Long> ranks,
        List<Double> alphas,
        int layers,
        List<String> unmatched,
        List<String> words,
        List<String> unread,
        Optional<String> madeFor,
        Map<String, String> metadata) {

    public LoraReport {
        namings = List.copyOf(namings);
        kinds = Map.copyOf(kinds);
        ranks = List.copyOf(ranks);
        alphas = List.copyOf(alphas);
        unmatched = List.copyOf(unmatched);
        words = List.copyOf(words);
        unread = List.copyOf(unread);
        metadata = Map.copyOf(metadata);
    }

    /** How many layers the model has a place for. */
    public int matched() {
        return layers - unmatched.size();
    }

    /** A sentence for each kind of content that has no effect; none where all of the file is used. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        String adapter = "the adapter " + Lora.stem(file);
        if (!unmatched.isEmpty()) {
            warnings.add(adapter + " has " + unmatched.size() + " of " + Counted.of(layers, "layer")
                    + " that this model has not, " + unmatched.get(0) + " for instance; "
                    + (unmatched.size() == 1 ? "it is ignored" : "they are ignored"));
        }
        if (!unread.isEmpty()) {
            warnings.add(adapter + " has " + Counted.of(unread.size(), "tensor")
                    + (unread.size() == 1 ? " that is no adapter's, " : " that are no adapter's, ")
                    + unread.get(0) + (unread.size() == 1 ? "; it is ignored" : " for instance; they are ignored"));
        }
        return warnings;
    }

    LoraReport withUnmatched(List<String> unmatched) {
        return new LoraReport(file, namings, kinds, ranks, alphas, layers, unmatched, words, unread, madeFor, metadata);
    }
}
