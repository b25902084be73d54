package io.latent4j.textencoder;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Preconditions;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.nn.Embedding;
import io.latent4j.core.nn.LayerNorm;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The text half of CLIP (<a href="https://arxiv.org/abs/2103.00020">Radford et al. 2021</a>, section 2.4): a transformer in
 * which a token sees the tokens before it, read out at the end token. Its keys are those of {@code CLIPTextModel} and
 * {@code CLIPTextModelWithProjection}.
 *
 * <p>Padding is not masked: nothing before it can see it, and the diffusion models were trained to attend to it.
 */
public final class ClipTextModel extends NamedBlock implements TextEncoder {
    private static final List<String> FLAT = List.of("embeddings.", "encoder.", "final_layer_norm.");

    /** Stands in {@code eos_token_id} of the files from before it was heeded. */
    private static final long LARGEST_ID = 2;

    private final ClipTextConfig config;
    private final Embedding tokens;
    private final Embedding positions;
    private final List<ClipEncoderLayer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Optional<Linear> projection;

    /** A model without weights, for which no engine is needed. */
    public ClipTextModel(ClipTextConfig config) {
        this.config = config;
        int width = config.width();
        tokens = child("text_model.embeddings.token_embedding", new Embedding(config.vocabularySize(), width));
        positions = child("text_model.embeddings.position_embedding", new Embedding(config.maxPositions(), width));
        for (int i = 0; i < config.layers(); i++) {
            layers.add(child("text_model.encoder.layers." + i, new ClipEncoderLayer(config)));
        }
        finalNorm = child("text_model.final_layer_norm", new LayerNorm(width, config.layerNormEpsilon()));
        projection = config.projection() == 0
                ? Optional.empty()
                : Optional.of(child("text_projection", new Linear(width, config.projection(), false)));
    }

    /**
     * Loads a model from the {@code text_encoder} folder of a diffusers folder: {@code config.json} and the safetensors
     * beside it.
     *
     * @param manager owns the weights, on its device
     * @param precision what the weights are stored in, and what is computed in
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if the config asks for what is not supported, or the weights do not fit it
     */
    public static ClipTextModel load(Path folder, NDManager manager, Precision precision) throws IOException {
        try (Checkpoint weights = Checkpoint.open(folder, "model")) {
            return load(Config.read(folder.resolve("config.json")), weights, manager, precision);
        }
    }

    /** Loads a model of the shape that {@code config} says; {@code weights} stay open. */
    public static ClipTextModel load(Config config, Checkpoint weights, NDManager manager, Precision precision)
            throws IOException {
        ClipTextModel model = new ClipTextModel(ClipTextConfig.from(config));
        model.load(weights, manager, precision, ClipTextModel::currentKey);
        return model;
    }

    /**
     * This tree's key for one in a file of any age: nothing for {@code position_ids}, which is no weight but the count 0,
     * 1, 2, … that older files hold; with {@code text_model.} for one that transformers 5 wrote without it; else the key
     * itself.
     */
    public static Optional<String> currentKey(String key) {
        String current = FLAT.stream().anyMatch(key::startsWith) ? "text_model." + key : key;
        return current.equals("text_model.embeddings.position_ids") ? Optional.empty() : Optional.of(current);
    }

    /** The shape this model was built with. */
    @Override
    public ClipTextConfig config() {
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
    public TextTokenizer tokenizer(Path folder, Optional<String> padding) throws IOException {
        return padding.isPresent() ? ClipTokenizer.read(folder, padding.get()) : ClipTokenizer.read(folder);
    }

    /** Prompts are longer than what it was trained on, so diffusion models are given one chunk after the other. */
    @Override
    public boolean readsInChunks() {
        return true;
    }

    @Override
    public NDArray embeddings() {
        return tokens.table();
    }

    /**
     * Runs the whole model.
     *
     * @param ids token ids (B, N), int64, each below the vocabulary's size, N at most {@link ClipTextConfig#maxPositions}
     * @return arrays of the scope in which this is called, or else of the manager of {@code ids}
     * @throws IllegalArgumentException if {@code ids} has another type or shape
     */
    @Override
    public TextStates forward(Pass pass, NDArray ids) {
        return states(pass, ids, embed(pass, ids));
    }

    @Override
    public TextStates forward(Pass pass, TokenBatch tokens) {
        Optional<NDArray> learned = tokens.learned();
        return learned.isPresent() ? forward(pass, tokens.ids(), learned.get()) : forward(pass, tokens.ids());
    }

    private TextStates states(Pass pass, NDArray ids, NDArray embedded) {
        List<NDArray> hidden = new ArrayList<>();
        hidden.add(embedded);
        for (ClipEncoderLayer layer : layers) {
            hidden.add(layer.forward(pass, hidden.get(hidden.size() - 1)));
        }
        NDArray last = normalized(pass, hidden.get(hidden.size() - 1));
        NDArray pooled = scoped(() -> pool(last, ids));
        return new TextStates(hidden, last, pooled, projection.map(p -> p.forward(pass, pooled)));
    }

    @Override
    public NDArray normalized(Pass pass, NDArray hidden) {
        return finalNorm.forward(pass, hidden);
    }

    /**
     * Runs the model without its last {@code skip} layers and applies the final norm: "clip skip". 0 is the whole model and
     * the same as {@link TextStates#last}; user interfaces that count from 1 call this number {@code skip + 1}.
     *
     * @param ids as for {@link #forward}
     * @return (B, N, width), of the scope in which this is called, or else of the manager of {@code ids}
     * @throws IllegalArgumentException if {@code ids} does not fit, or {@code skip} is not from 0 to the number of layers
     */
    public NDArray forward(Pass pass, NDArray ids, int skip) {
        if (skip < 0 || skip > layers.size()) {
            throw new IllegalArgumentException(
                    "skip is " + skip + "; this text model can skip 0 to " + Counted.of(layers.size(), "layer"));
        }
        return scoped(() -> through(pass, embed(pass, ids), layers.size() - skip));
    }

    /**
     * Runs the whole model over texts with tokens that it has no embeddings for.
     *
     * @param ids as for {@link #forward(Pass, NDArray)}, and from {@link ClipTextConfig#vocabularySize} on the rows of
     *     {@code more}
     * @param more embeddings, (count, width)
     * @return as {@link #forward(Pass, NDArray)}
     * @throws IllegalArgumentException if {@code ids} does not fit
     */
    public TextStates forward(Pass pass, NDArray ids, NDArray more) {
        return states(pass, ids, embed(pass, ids, () -> tokens.forward(pass, ids, more)));
    }

    private NDArray through(Pass pass, NDArray embedded, int count) {
        NDArray x = embedded;
        for (ClipEncoderLayer layer : layers.subList(0, count)) {
            x = layer.forward(pass, x);
        }
        return normalized(pass, x);
    }

    private NDArray embed(Pass pass, NDArray ids) {
        return embed(pass, ids, () -> tokens.forward(pass, ids));
    }

    private NDArray embed(Pass pass, NDArray ids, Supplier<NDArray> embeddings) {
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
        return scoped(() -> {
            NDArray x = embeddings.get();
            return x.add(positions.first(pass, shape.get(1), ids));
        });
    }

    /** The state at each text's end token: (B, N, width) → (B, width). */
    private NDArray pool(NDArray states, NDArray ids) {
        NDArray score = config.eosTokenId() == LARGEST_ID
                ? ids.mul(Ops.cast(ids.lt(config.vocabularySize()), DataType.INT64)) // the vocabulary's largest
                : Ops.cast(ids.eq(config.eosTokenId()), DataType.INT64);
        long texts = ids.getShape().get(0);
        Shape row = new Shape(texts, 1, config.width());
        NDArray end = score.argMax(1).reshape(texts, 1, 1).broadcast(row); // the first of equal ones
        return states.gather(end, 1).reshape(texts, config.width());
    }
}
