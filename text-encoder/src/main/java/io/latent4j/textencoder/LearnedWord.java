package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A word that stands for vectors of its own in a text, where other words stand for tokens of a model's vocabulary: textual
 * inversion (<a href="https://arxiv.org/abs/2208.01618">Gal et al. 2022</a>). Its arrays belong to the manager they came
 * with.
 *
 * @param token the word as it is written in a text, {@code <moon>} for instance
 * @param vectors (count, width), float32, for each text encoder of the model: one, or SDXL's two
 */
public record LearnedWord(String token, List<NDArray> vectors) {
    private static final String NAMELESS = "emb_params";
    private static final String PARAMETERS = "string_to_param."; // of the form that AUTOMATIC1111's tool writes
    private static final List<String> OF_TWO = List.of("clip_l", "clip_g"); // the first encoder's and the second's
    private static final String TOKEN = "token"; // of the header
    private static final int MOST_LETTERS = 100;
    private static final Pattern ENDING = Pattern.compile("\\.(safetensors|bin|pt)$");

    public LearnedWord {
        vectors = List.copyOf(vectors);
        if (token.isBlank()
                || !token.strip().equals(token)
                || token.length() > MOST_LETTERS
                || !Shown.text(token).equals(token)) {
            throw new IllegalArgumentException("the learned word is \"" + Shown.text(token)
                    + "\"; expected at most " + MOST_LETTERS
                    + " letters without white space around them, and no control characters");
        }
        if (vectors.isEmpty() || vectors.size() > OF_TWO.size()) {
            throw new IllegalArgumentException(
                    token + " has vectors for " + vectors.size() + " text encoders; expected 1 or 2");
        }
        for (NDArray each : vectors) {
            if (each.getShape().dimension() != 2 || each.size() == 0) {
                throw new IllegalArgumentException(
                        "the vectors of " + token + " are " + each.getShape() + "; expected (count, width)");
            }
            if (each.getShape().get(0) != vectors.get(0).getShape().get(0)) {
                throw new IllegalArgumentException("the vectors of " + token + " are "
                        + vectors.get(0).getShape() + " and " + each.getShape() + "; expected equally many");
            }
        }
    }

    /** A word for a model with one text encoder. */
    public LearnedWord(String token, NDArray vectors) {
        this(token, List.of(vectors));
    }

    /** How many tokens of a text the word takes. */
    public int count() {
        return Math.toIntExact(vectors.get(0).getShape().get(0));
    }

    /**
     * The word as one text encoder of so many reads it.
     *
     * @throws IllegalArgumentException if it is for another number of them
     */
    public LearnedWord of(int encoder, int encoders) {
        if (vectors.size() != encoders) {
            throw new IllegalArgumentException("the learned word " + token + " is for a model with "
                    + Counted.of(vectors.size(), "text encoder") + (vectors.size() == 1 ? "" : ", SDXL for instance")
                    + "; this one has " + encoders + "; use it with the model it was made for");
        }
        return new LearnedWord(token, vectors.get(encoder));
    }

    /**
     * Reads a word from a file, safetensors or a PyTorch archive: of one tensor, {@code emb_params} or named by the word; of
     * {@code clip_l} and {@code clip_g} for SDXL; or an archive with {@code string_to_param}.
     *
     * @param token the word; if empty, what the file calls it, or else the file's name without its ending
     * @param manager owns the vectors
     * @throws IOException if the file is damaged, or holds no learned word
     */
    public static LearnedWord read(Path file, Optional<String> token, NDManager manager) throws IOException {
        try (Checkpoint tensors = Checkpoint.open(file)) {
            List<String> keys = keys(file, tensors.tensors().keySet());
            List<NDArray> vectors = new ArrayList<>();
            for (String key : keys) {
                vectors.add(vectors(file, key, tensors, manager));
            }
            String first = keys.get(0);
            boolean nameless = first.equals(NAMELESS) || first.startsWith(PARAMETERS) || OF_TWO.contains(first);
            String name = nameless
                    ? Optional.ofNullable(tensors.metadata().get(TOKEN)).orElseGet(() -> stem(file))
                    : first;
            try {
                return new LearnedWord(token.orElse(name), vectors);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
    }

    private static List<String> keys(Path file, Set<String> keys) throws IOException {
        if (OF_TWO.stream().anyMatch(keys::contains)) {
            if (!keys.equals(Set.copyOf(OF_TWO))) {
                throw new IOException(file + ": holds [" + Shown.names(keys) + "]; expected " + OF_TWO
                        + ", the vectors of a learned word for SDXL's two text encoders");
            }
            return OF_TWO;
        }
        List<String> parameters =
                keys.stream().filter(name -> name.startsWith(PARAMETERS)).toList();
        List<String> candidates = parameters.isEmpty() ? List.copyOf(keys) : parameters;
        if (candidates.size() != 1) {
            throw new IOException(file + ": holds " + candidates.size()
                    + " tensors; expected one, the vectors of a learned word (textual inversion)");
        }
        return candidates;
    }

    private static NDArray vectors(Path file, String key, Checkpoint tensors, NDManager manager) throws IOException {
        NDArray stored = tensors.read(key, manager, DataType.FLOAT32);
        NDScope.unregister(stored);
        Shape shape = stored.getShape();
        if (shape.dimension() < 1 || shape.dimension() > 2 || shape.size() == 0) {
            throw new IOException(
                    file + ": " + Shown.text(key) + " is " + shape + "; expected (width) or (count, width)");
        }
        try (NDArray sizes = stored.abs();
                NDArray largest = sizes.max()) {
            if (!Float.isFinite(largest.getFloat())) {
                throw new IOException(
                        file + ": " + Shown.text(key) + " holds numbers that are infinite or not a number;"
                                + " expected finite ones; the file is damaged, or its training diverged");
            }
        }
        return rows(stored);
    }

    /** (width) or (count, width) as (count, width), which no open scope closes. */
    private static NDArray rows(NDArray stored) {
        Shape shape = stored.getShape();
        NDArray rows = stored.reshape(-1, shape.get(shape.dimension() - 1));
        NDScope.unregister(rows);
        return rows;
    }

    /**
     * A word whose vectors are in memory, as an adapter file brings them.
     *
     * @param vectors (width) or (count, width), float32, by {@code clip_l} and {@code clip_g} for two text encoders; for one
     *     encoder by any name
     * @throws IllegalArgumentException if they are not of one or two text encoders, or of other shapes
     */
    public static LearnedWord of(String token, Map<String, NDArray> vectors) {
        if (vectors.size() != 1 && !vectors.keySet().equals(Set.copyOf(OF_TWO))) {
            throw new IllegalArgumentException("the learned word " + Shown.text(token) + " has the vectors "
                    + Shown.names(vectors.keySet()) + "; expected one, or those of " + OF_TWO);
        }
        List<NDArray> all = vectors.size() == 1
                ? List.copyOf(vectors.values())
                : OF_TWO.stream().map(vectors::get).toList();
        for (NDArray each : all) {
            if (each.getShape().dimension() < 1 || each.getShape().dimension() > 2 || each.size() == 0) {
                throw new IllegalArgumentException("the vectors of the learned word " + Shown.text(token) + " are "
                        + each.getShape() + "; expected (width) or (count, width)");
            }
        }
        return new LearnedWord(token, all.stream().map(LearnedWord::rows).toList());
    }

    /**
     * Vectors of a word that is yet to be learned, which begin as what another stands for.
     *
     * @param token the word, for messages
     * @param count of them; where the other text has fewer tokens they are taken again from its first on
     * @param text that the model knows
     * @param manager owns them
     * @return (count, width), float32
     * @throws IllegalArgumentException if the text is empty
     */
    public static NDArray like(
            String token, int count, String text, TextEncoder model, TextTokenizer tokenizer, NDManager manager) {
        Tokens tokens = tokenizer.encode(text);
        int known = Math.min(tokens.count(), tokenizer.room());
        if (known == 0) {
            throw new IllegalArgumentException("what " + Shown.text(token) + " begins as is \"" + Shown.text(text)
                    + "\"; expected a word that the model knows");
        }
        try (NDArray table = model.embeddings()) {
            int width = model.config().width();
            float[] values = new float[count * width];
            for (int i = 0; i < count; i++) {
                try (NDArray row = table.get(tokens.ids().get(tokenizer.lead() + i % known))) {
                    System.arraycopy(row.toFloatArray(), 0, values, i * width, width);
                }
            }
            return manager.create(values, new Shape(count, width));
        }
    }

    private static String stem(Path file) {
        return ENDING.matcher(String.valueOf(file.getFileName())).replaceFirst("");
    }

    /**
     * Writes a file that {@link #read} reads: with the word as the tensor's name, or the word in the header where there are
     * two tensors.
     */
    public void write(Path file) throws IOException {
        Map<String, String> header =
                ImmutableMap.of("format", "pt", TOKEN, token); // in the same order in every process
        SafeTensors.write(
                file,
                vectors.size() == 1
                        ? ImmutableMap.of(token, vectors.get(0))
                        : ImmutableMap.of(OF_TWO.get(0), vectors.get(0), OF_TWO.get(1), vectors.get(1)),
                header);
    }
}
