package io.latent4j.pipeline.toy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.TextConditioner;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.pipeline.model.TextSession;
import io.latent4j.pipeline.request.MicroConditioning;
import java.util.List;
import java.util.Optional;

/** Reads four letters of a text: the context is their places in the alphabet, (N, 4), from 0 to 1. */
record ToyText() implements TextConditioner {
    private static final int LETTERS = 4;

    @Override
    public void check(TextOptions options, Optional<MicroConditioning> micro) {
        if (micro.isPresent() || options.clipSkip() != 1) {
            throw new IllegalArgumentException("there is a micro-conditioning or a clip skip; expected neither");
        }
    }

    @Override
    public TextSession open(TextOptions options, List<LoraUse> adapters, NDManager results) {
        return new TextSession() {
            @Override
            public Conditioning conditioning(
                    List<List<String>> sides, int width, int height, Optional<MicroConditioning> micro) {
                return Conditioning.of(
                        letters(results, sides.stream().flatMap(List::stream).toList()));
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Optional<Cut> cut(String text, TextOptions options) {
        return text.length() <= LETTERS ? Optional.empty() : Optional.of(new Cut(LETTERS, text.substring(LETTERS)));
    }

    @Override
    public Conditioning encode(Pass pass, NDManager manager, List<String> texts, int clipSkip) {
        return Conditioning.of(letters(manager, texts));
    }

    @Override
    public Conditioning sized(Conditioning encoded, int width, int height) {
        return encoded;
    }

    private static NDArray letters(NDManager manager, List<String> texts) {
        float[] all = new float[texts.size() * LETTERS];
        for (int i = 0; i < texts.size(); i++) {
            for (int j = 0; j < Math.min(LETTERS, texts.get(i).length()); j++) {
                all[i * LETTERS + j] = (texts.get(i).charAt(j) - 'a') / 25f;
            }
        }
        return manager.create(all, new Shape(texts.size(), LETTERS));
    }
}
