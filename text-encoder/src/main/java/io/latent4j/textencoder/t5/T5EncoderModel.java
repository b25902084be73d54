package io.latent4j.textencoder.t5;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Preconditions;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The encoder of T5 (<a href="https://arxiv.org/abs/1910.10683">Raffel et al. 2020</a>, section 2.1), version 1.1: a
 * transformer in which every token sees every other, and positions count by their distance only. Its keys are those of
 * {@code T5EncoderModel}.
 *
 * <p>Scores are not divided by the root of the head's width, and one table of biases serves all layers. States between the
 * layers are float32 in every precision; see {@link T5Block}.
 *
 * <p>Limitations: no decoder, and no perceptron other than the gated one of version 1.1.
 */
public final class T5EncoderModel extends NamedBlock implements TextEncoder {
    private static final String TABLE = "shared.weight";

    /** Of a whole T5, which has a decoder too. */
    private static final List<String> OTHERS = List.of("decoder.", "lm_head.");

    private final T5Config config;
    private final Embedding tokens;
    private final Embedding bias;
    private final List<T5Block> blocks = new ArrayList<>();
    private final RmsNorm finalNorm;

    /** A model without weights, for which no engine is needed. */
    public T5EncoderModel(T5Config config) {
        this.config = config;
        tokens = child("shared", new Embedding(config.vocabularySize(), config.width()));
        bias = child(
                "encoder.block.0.layer.0.SelfAttention.relative_attention_bias",
                new Embedding(config.buckets(), config.heads()));
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("encoder.block." + i, new T5Block(config)));
        }
        finalNorm = child("encoder.final_layer_norm", new RmsNorm(config.width(), config.normEpsilon()));
    }

    /**
     * Loads a model from a folder: {@code config.json} and the safetensors beside it, in one file or several.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static T5EncoderModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static T5EncoderModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        T5EncoderModel model = new T5EncoderModel(T5Config.from(config));
        model.load(weights, manager, precision, T5EncoderModel::currentKey);
        return model;
    }

    /**
     * This tree's key for one in a file: the table of tokens has two names, and a file one or both of them; a decoder's keys
     * are left out.
     */
    public static Optional<String> currentKey(String key) {
        if (OTHERS.stream().anyMatch(key::startsWith)) {
            return Optional.empty();
        }
        return Optional.of(key.equals("encoder.embed_tokens.weight") ? TABLE : key);
    }

    /** The shape this model was built with. */
    @Override
    public T5Config config() {
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

    @Override
    public T5Tokenizer tokenizer(Path folder, Optional<String> padding) throws IOException {
        return T5Tokenizer.read(folder, OptionalInt.empty(), padding);
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
     * Runs the whole model and keeps every layer's states: {@link #last} takes less memory. Padding is not attended to; where
     * it is to be, as Stable Diffusion 3 and FLUX.1 have it, {@link TokenBatch#of} says that there is none.
     *
     * @param tokens ids (B, N), int64, each below the vocabulary's size, N at most {@link T5Config#maxPositions}
     * @return with states between the layers in float32; {@link TextStates#pooled} is at the first end token. The arrays are
     *     of the scope in which this is called, or else of the manager of the ids
     * @throws IllegalArgumentException if the ids have another type or shape, or a text has no token that is no padding
     */
    @Override
    public TextStates forward(Pass pass, TokenBatch tokens) {
        check(tokens);
        NDArray embedded = embed(pass, tokens);
        NDArray positions = scoped(() -> bias(pass, tokens.ids()));
        List<NDArray> hidden = new ArrayList<>();
        hidden.add(scoped(() -> Ops.cast(embedded, DataType.FLOAT32)));
        for (T5Block block : blocks) {
            hidden.add(block.forward(pass, hidden.get(hidden.size() - 1), positions, tokens.lengths()));
        }
        NDArray last = scoped(() -> Ops.castLike(normalized(pass, hidden.get(hidden.size() - 1)), embedded));
        NDArray pooled = scoped(() -> pool(last, tokens.ids()));
        positions.close();
        embedded.close();
        return new TextStates(hidden, last, pooled, Optional.empty());
    }

    /**
     * The states after the last layer and the final norm, (B, N, width), in the precision that is computed in: what diffusion
     * models attend to. As {@link #forward(Pass, TokenBatch)}, but no other states are kept.
     *
     * @throws IllegalArgumentException if the ids have another type or shape, or a text has no token that is no padding
     */
    public NDArray last(Pass pass, TokenBatch tokens) {
        check(tokens);
        return scoped(() -> {
            NDArray embedded = embed(pass, tokens);
            NDArray positions = scoped(() -> bias(pass, tokens.ids()));
            NDArray x = scoped(() -> Ops.cast(embedded, DataType.FLOAT32));
            for (T5Block block : blocks) {
                NDArray before = x;
                x = block.forward(pass, before, positions, tokens.lengths());
                before.close();
            }
            return Ops.castLike(normalized(pass, x), embedded);
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

    /** The bias of each relative position, (heads, 2N − 1). */
    private NDArray bias(Pass pass, NDArray ids) {
        int n = Math.toIntExact(ids.getShape().get(1));
        RelativeBuckets buckets = new RelativeBuckets(config.buckets(), config.maxDistance());
        NDArray all = ids.getManager().create(buckets.all(n));
        return Ops.contiguous(
                bias.forward(pass, all.toDevice(ids.getDevice(), false)).transpose());
    }

    /** The state at each text's first end token, or else its first: (B, N, width) → (B, width). */
    private NDArray pool(NDArray states, NDArray ids) {
        long texts = ids.getShape().get(0);
        NDArray end = Ops.cast(ids.eq(config.eosTokenId()), DataType.INT64).argMax(1);
        Shape row = new Shape(texts, 1, config.width());
        return states.gather(end.reshape(texts, 1, 1).broadcast(row), 1).reshape(texts, config.width());
    }
}
