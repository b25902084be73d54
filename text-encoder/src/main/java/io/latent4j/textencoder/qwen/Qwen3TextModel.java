package io.latent4j.textencoder.qwen;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Preconditions;
import com.google.common.primitives.Longs;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Embedding;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.RmsNorm;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.textencoder.TextEncoder;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TokenBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The text model of Qwen3 (<a href="https://arxiv.org/abs/2505.09388">Qwen team 2025</a>): a transformer in which a token
 * sees the tokens before it. Diffusion models attend to the states of some of its layers; it writes no text here. Its keys
 * are those of {@code Qwen3ForCausalLM}, without the head that writes.
 *
 * <p>States between the layers are float32 in every precision; see {@link Qwen3Layer}.
 *
 * <p>Limitations: dense models only, without sliding windows and without stretched positions.
 */
public final class Qwen3TextModel extends NamedBlock implements TextEncoder {
    private static final List<String> FLAT = List.of("embed_tokens.", "layers.", "norm.");

    private final Qwen3Config config;
    private final Embedding tokens;
    private final List<Qwen3Layer> layers = new ArrayList<>();
    private final RmsNorm finalNorm;

    /** A model without weights, for which no engine is needed. */
    public Qwen3TextModel(Qwen3Config config) {
        this.config = config;
        tokens = child("model.embed_tokens", new Embedding(config.vocabularySize(), config.width()));
        for (int i = 0; i < config.layers(); i++) {
            layers.add(child("model.layers." + i, new Qwen3Layer(config)));
        }
        finalNorm = child("model.norm", new RmsNorm(config.width(), config.normEpsilon()));
    }

    /**
     * Loads a model from a folder: {@code config.json} and the safetensors beside it, in one file or several.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static Qwen3TextModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static Qwen3TextModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        Qwen3TextModel model = new Qwen3TextModel(Qwen3Config.from(config));
        model.load(weights, manager, precision, Qwen3TextModel::currentKey);
        return model;
    }

    /** This tree's key for one in a file: with {@code model.} before it; nothing for the head that writes text. */
    public static Optional<String> currentKey(String key) {
        if (key.startsWith("lm_head.")) {
            return Optional.empty();
        }
        return Optional.of(FLAT.stream().anyMatch(key::startsWith) ? "model." + key : key);
    }

    /** The shape this model was built with. */
    @Override
    public Qwen3Config config() {
        return config;
    }

    @Override
    public NamedBlock block() {
        return this;
    }

    /** See {@link #currentKey}. */
    @Override
    public Optional<String> keyOf(String stored) {
        return currentKey(stored);
    }

    /** Without a chat around the text. */
    @Override
    public QwenTokenizer tokenizer(Path folder, Optional<String> padding) throws IOException {
        return QwenTokenizer.read(folder, OptionalInt.empty(), Optional.empty(), padding);
    }

    /** A text is one sequence. */
    @Override
    public boolean readsInChunks() {
        return false;
    }

    @Override
    public NDArray embeddings() {
        return tokens.table();
    }

    /**
     * Runs the whole model and keeps every layer's states: {@link #states} takes less time and memory.
     *
     * @param tokens ids (B, N), int64, each below the vocabulary's size, N at most {@link Qwen3Config#maxPositions}; padding
     *     at their end is not attended to
     * @return with states between the layers in float32; {@link TextStates#pooled} is at the last token that is no padding.
     *     The arrays are of the scope in which this is called, or else of the manager of the ids
     * @throws IllegalArgumentException if the ids have another type or shape, or a text has no token that is no padding
     */
    @Override
    public TextStates forward(Pass pass, TokenBatch tokens) {
        check(tokens);
        NDArray embedded = embed(pass, tokens);
        List<NDArray> hidden = new ArrayList<>();
        hidden.add(scoped(() -> Ops.cast(embedded, DataType.FLOAT32)));
        Rotation rotation = rotation(tokens);
        for (Qwen3Layer layer : layers) {
            hidden.add(layer.forward(pass, hidden.get(hidden.size() - 1), rotation, tokens.lengths()));
        }
        NDArray last = scoped(() -> Ops.castLike(normalized(pass, hidden.get(hidden.size() - 1)), embedded));
        NDArray pooled = scoped(() -> pool(last, tokens));
        close(rotation);
        embedded.close();
        return new TextStates(hidden, last, pooled, Optional.empty());
    }

    /**
     * The states after some layers, side by side: those that FLUX.2 attends to are after 9, 18 and 27, those of Z-Image after
     * the last but one. Layers after the last one asked for are not run.
     *
     * @param tokens as for {@link #forward(Pass, TokenBatch)}
     * @param after how many layers each has gone through, from 0, which is the embeddings; none is normalized
     * @return (B, N, width · count), in the precision that is computed in
     * @throws IllegalArgumentException if the ids do not fit, or the model has no such layer
     */
    public NDArray states(Pass pass, TokenBatch tokens, List<Integer> after) {
        check(tokens);
        Preconditions.checkArgument(
                !after.isEmpty() && after.stream().allMatch(count -> count >= 0 && count <= layers.size()),
                "states are asked for after the layers %s; expected numbers from 0 to %s",
                after,
                layers.size());
        return scoped(() -> {
            NDArray embedded = embed(pass, tokens);
            Rotation rotation = rotation(tokens);
            NDArray x = scoped(() -> Ops.cast(embedded, DataType.FLOAT32));
            List<NDArray> found = new ArrayList<>(Collections.nCopies(after.size(), embedded));
            for (int i = 0; i < Collections.max(after); i++) {
                NDArray before = x;
                x = layers.get(i).forward(pass, before, rotation, tokens.lengths());
                before.close();
                for (int place = 0; place < after.size(); place++) {
                    if (after.get(place) == i + 1) {
                        found.set(place, Ops.castLike(x, embedded));
                    }
                }
            }
            return found.size() == 1 ? found.get(0) : NDArrays.concat(new NDList(found), 2);
        });
    }

    @Override
    public NDArray normalized(Pass pass, NDArray hidden) {
        return finalNorm.forward(pass, hidden);
    }

    private void check(TokenBatch tokens) {
        NDArray ids = tokens.ids();
        Shape shape = ids.getShape();
        Preconditions.checkArgument(
                ids.getDataType() == DataType.INT64
                        && shape.dimension() == 2
                        && shape.get(1) >= 1
                        && shape.get(1) <= config.maxPositions(),
                "token ids are %s %s; expected int64 (texts, 1 to %s tokens)",
                ids.getDataType(),
                shape,
                config.maxPositions());
        Preconditions.checkArgument(
                tokens.lengths().size() == shape.get(0)
                        && tokens.lengths().stream().allMatch(length -> length >= 1 && length <= shape.get(1)),
                "lengths are %s; expected one from 1 to %s for each of %s texts",
                tokens.lengths(),
                shape.get(1),
                shape.get(0));
    }

    private NDArray embed(Pass pass, TokenBatch batch) {
        Optional<NDArray> learned = batch.learned();
        return scoped(() -> learned.isPresent()
                ? tokens.forward(pass, batch.ids(), learned.get())
                : tokens.forward(pass, batch.ids()));
    }

    private Rotation rotation(TokenBatch tokens) {
        NDArray ids = tokens.ids();
        int count = Math.toIntExact(ids.getShape().get(1));
        return Rotation.of(ids.getManager(), count, config.headWidth(), config.ropeTheta());
    }

    private static void close(Rotation rotation) {
        rotation.cos().close();
        rotation.sin().close();
    }

    /** The state at each text's last token that is no padding: (B, N, width) → (B, width). */
    private NDArray pool(NDArray states, TokenBatch tokens) {
        long texts = tokens.lengths().size();
        long[] last = Longs.toArray(
                tokens.lengths().stream().map(length -> length - 1L).toList());
        Shape row = new Shape(texts, 1, config.width());
        NDArray index = states.getManager().create(last, new Shape(texts, 1, 1)).broadcast(row);
        return states.gather(index, 1).reshape(texts, config.width());
    }
}
