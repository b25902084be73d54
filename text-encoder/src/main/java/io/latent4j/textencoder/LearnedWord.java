package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A word that stands for vectors of its own in a text, where other words stand for tokens of a model's vocabulary: textual
 * inversion (<a href="https://arxiv.org/abs/2208.01618">Gal et al. 2022</a>). Its array belongs to the manager it came
 * with.
 *
 * @param token the word as it is written in a text, {@code <moon>} for instance
 * @param vectors (count, width), float32
 */
public record LearnedWord(String token, NDArray vectors) {
    private static final String NAMELESS = "emb_params";
    private static final String PARAMETERS = "string_to_param."; // of the form that AUTOMATIC1111's tool writes
    private static final Pattern ENDING = Pattern.compile("\\.(safetensors|bin|pt)$");

    public LearnedWord {
        if (token.isBlank() || !token.strip().equals(token)) {
            throw new IllegalArgumentException(
                    "the learned word is \"" + token + "\"; expected letters without white space around them");
        }
        if (vectors.getShape().dimension() != 2 || vectors.size() == 0) {
            throw new IllegalArgumentException(
                    "the vectors of " + token + " are " + vectors.getShape() + "; expected (count, width)");
        }
    }

    /** How many tokens of a text the word takes. */
    public int count() {
        return Math.toIntExact(vectors.getShape().get(0));
    }

    /**
     * Reads a word from a file of one tensor, {@code emb_params} or named by the word, safetensors or a PyTorch archive; also
     * from an archive with {@code string_to_param}.
     *
     * @param token the word; if empty, what the file calls it, or else the file's name without its ending
     * @param manager owns the vectors
     * @throws IOException if the file is damaged, or holds no learned word
     */
    public static LearnedWord read(Path file, Optional<String> token, NDManager manager) throws IOException {
        try (Checkpoint tensors = Checkpoint.open(file)) {
            String key = key(file, tensors.tensors().keySet());
            NDArray stored = tensors.read(key, manager, DataType.FLOAT32);
            Shape shape = stored.getShape();
            if (shape.dimension() < 1 || shape.dimension() > 2 || shape.size() == 0) {
                throw new IOException(file + ": " + key + " is " + shape + "; expected (width) or (count, width)");
            }
            if (!Float.isFinite(stored.abs().max().getFloat())) {
                throw new IOException(file + ": " + key + " holds numbers that are infinite or not a number");
            }
            NDArray vectors = stored.reshape(-1, shape.get(shape.dimension() - 1));
            boolean nameless = key.equals(NAMELESS) || key.startsWith(PARAMETERS);
            return new LearnedWord(token.orElseGet(() -> nameless ? stem(file) : key), vectors);
        }
    }

    private static String key(Path file, Set<String> keys) throws IOException {
        if (keys.contains("clip_l") || keys.contains("clip_g")) {
            throw new IOException(file + ": holds a word for SDXL's two text encoders, " + keys
                    + "; expected one for a single text encoder");
        }
        List<String> parameters =
                keys.stream().filter(name -> name.startsWith(PARAMETERS)).toList();
        List<String> candidates = parameters.isEmpty() ? List.copyOf(keys) : parameters;
        if (candidates.size() != 1) {
            throw new IOException(file + ": holds " + candidates.size()
                    + " tensors; expected one, the vectors of a learned word (textual inversion)");
        }
        return candidates.get(0);
    }

    /**
     * A word that is yet to be learned, which begins as what another stands for.
     *
     * @param count of its vectors; where the other text has fewer tokens they are taken again from its first on
     * @param text that the model knows
     * @param manager owns the vectors
     * @throws IllegalArgumentException if the text is empty
     */
    public static LearnedWord like(
            String token, int count, String text, ClipTextModel model, ClipTokenizer tokenizer, NDManager manager) {
        Tokens tokens = tokenizer.encode(text);
        int known = Math.min(tokens.count(), tokenizer.maxLength() - 2);
        if (known == 0) {
            throw new IllegalArgumentException(
                    "what " + token + " begins as is \"" + text + "\"; expected a word that the model knows");
        }
        try (NDArray table = Ops.cast(model.embeddings(), DataType.FLOAT32)) {
            int width = model.config().width();
            float[] values = new float[count * width];
            for (int i = 0; i < count; i++) {
                try (NDArray row = table.get(tokens.ids().get(1 + i % known))) {
                    System.arraycopy(row.toFloatArray(), 0, values, i * width, width);
                }
            }
            return new LearnedWord(token, manager.create(values, new Shape(count, width)));
        }
    }

    private static String stem(Path file) {
        return ENDING.matcher(String.valueOf(file.getFileName())).replaceFirst("");
    }

    /** Writes a file that {@link #read} reads, with the word as the tensor's name. */
    public void write(Path file) throws IOException {
        SafeTensors.write(file, Map.of(token, vectors), Map.of("format", "pt"));
    }
}
