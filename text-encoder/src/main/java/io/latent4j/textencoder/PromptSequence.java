package io.latent4j.textencoder;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A text as one sequence, for a text encoder that does not read in chunks. Sections follow each other.
 *
 * @param cut the end of the text that did not fit, without its marks; empty where all of it fits
 */
public record PromptSequence(PromptChunk chunk, Optional<String> cut) {

    public static PromptSequence of(WeightedText text, TextTokenizer tokenizer, LearnedWords words) {
        List<WeightedText.Span> spans =
                text.sections().stream().flatMap(List::stream).toList();
        List<Long> ids = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (int i = 0; i < spans.size(); i++) {
            WeightedText.Span span = spans.get(i);
            for (TextTokenizer.Piece piece : tokenizer.pieces(span.text(), words)) {
                if (ids.size() + piece.ids().size() > tokenizer.room()) {
                    String rest = span.text().substring(span.text().offsetByCodePoints(0, piece.start()))
                            + spans.subList(i + 1, spans.size()).stream()
                                    .map(WeightedText.Span::text)
                                    .collect(Collectors.joining());
                    return new PromptSequence(chunk(ids, weights, tokenizer), Optional.of(rest));
                }
                ids.addAll(piece.ids());
                weights.addAll(Collections.nCopies(piece.ids().size(), span.weight()));
            }
        }
        return new PromptSequence(chunk(ids, weights, tokenizer), Optional.empty());
    }

    private static PromptChunk chunk(List<Long> ids, List<Double> weights, TextTokenizer tokenizer) {
        List<Long> framed = tokenizer.framed(ids);
        List<Double> all = new ArrayList<>(Collections.nCopies(tokenizer.lead(), 1.0));
        all.addAll(weights);
        all.addAll(Collections.nCopies(framed.size() - all.size(), 1.0));
        return new PromptChunk(framed, all, tokenizer.length(ids.size()));
    }
}
