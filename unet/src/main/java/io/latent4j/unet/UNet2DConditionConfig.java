package io.latent4j.unet;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.NetworkBounds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The shape of a {@link UNet2DConditionModel}.
 *
 * @param inChannels of the latents it is given: 4, or 9 for inpainting
 * @param outChannels of what it predicts
 * @param blockOutChannels width of each level, from the finest
 * @param attends whether each level attends to the text on the way down
 * @param attendsUp the same on the way up, from the coarsest level
 * @param heads attention heads of each level; a head has the whole part of width / heads channels
 * @param transformerLayers transformer blocks in each attention of a level
 * @param layersPerBlock residual blocks of a level on the way down
 * @param crossAttentionDim channels of the text's hidden states
 * @param linearProjection whether attention projects tokens (SD 2, XL) or pixels (SD 1)
 * @param normGroups groups of every group normalization
 * @param normEpsilon of the residual blocks' group normalization
 * @param timeCosFirst whether cosines come first in the time embedding
 * @param timeFrequencyShift of the time embedding
 * @param textTime SDXL's added conditions
 * @param guidanceDim length of the guidance scale's embedding in models that are told it; 0 in others
 * @param sampleSize latent height and width it was trained at; 0 if unknown
 */
public record UNet2DConditionConfig(
        int inChannels,
        int outChannels,
        List<Integer> blockOutChannels,
        List<Boolean> attends,
        List<Boolean> attendsUp,
        List<Integer> heads,
        List<Integer> transformerLayers,
        int layersPerBlock,
        int crossAttentionDim,
        boolean linearProjection,
        int normGroups,
        double normEpsilon,
        boolean timeCosFirst,
        double timeFrequencyShift,
        Optional<TextTime> textTime,
        int guidanceDim,
        int sampleSize) {

    /**
     * SDXL's added conditions: a pooled text vector, and sizes and crops embedded like timesteps.
     *
     * @param timeEmbedDim length of one number's embedding
     * @param inputDim length of the pooled text and all the numbers' embeddings together
     */
    public record TextTime(int timeEmbedDim, int inputDim) {}

    private static final String ATTENDS_DOWN = "CrossAttnDownBlock2D";
    private static final String ATTENDS_UP = "CrossAttnUpBlock2D";

    public UNet2DConditionConfig {
        blockOutChannels = List.copyOf(blockOutChannels);
        attends = List.copyOf(attends);
        attendsUp = List.copyOf(attendsUp);
        heads = List.copyOf(heads);
        transformerLayers = List.copyOf(transformerLayers);
    }

    /** Whether it takes {@link AddedConditions} besides latents, time and text. */
    public boolean takesAddedConditions() {
        return textTime.isPresent();
    }

    /**
     * Reads the {@code unet/config.json} of a diffusers folder; an absent key has diffusers' own default.
     *
     * @throws IllegalArgumentException if a setting is not supported, naming it
     */
    public static UNet2DConditionConfig from(Config json) {
        List<String> up = json.texts("up_block_types", List.of("UpBlock2D", ATTENDS_UP, ATTENDS_UP, ATTENDS_UP));
        return from(json, attention(json, "up_block_types", up, ATTENDS_UP, "UpBlock2D"));
    }

    /** Reads the config of a control network, which has the contracting half alone; the other is said to be its mirror. */
    static UNet2DConditionConfig contraction(Config json) {
        List<Boolean> up =
                new ArrayList<>(attention(json, "down_block_types", down(json), ATTENDS_DOWN, "DownBlock2D"));
        Collections.reverse(up);
        json.requireAbsent("time_cond_proj_dim");
        return from(json, up);
    }

    private static List<String> down(Config json) {
        return json.texts("down_block_types", List.of(ATTENDS_DOWN, ATTENDS_DOWN, ATTENDS_DOWN, "DownBlock2D"));
    }

    private static UNet2DConditionConfig from(Config json, List<Boolean> attendsUp) {
        refuseTheUnsupported(json);
        List<String> down = down(json);
        int levels = down.size();
        if (attendsUp.size() != levels) {
            throw json.bad(
                    "up_block_types",
                    "has " + Counted.of(attendsUp.size(), "entry") + ", expected " + levels
                            + ", as many as down_block_types");
        }
        String heads = json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
        List.of(
                        "in_channels",
                        "out_channels",
                        heads,
                        "cross_attention_dim",
                        "addition_time_embed_dim",
                        "projection_class_embeddings_input_dim")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        List.of("layers_per_block", "transformer_layers_per_block")
                .forEach(key -> json.requireWithin(key, NetworkBounds.LAYERS_OF_A_LEVEL));
        json.requireWithin("norm_eps", NetworkBounds.EPSILON);
        json.requireWithin("freq_shift", Bounds.of(-1, 1));
        json.requireWithin("sample_size", NetworkBounds.SAMPLE_SIZE);
        List<Integer> widths = widths(json, levels, List.of(320, 640, 1280, 1280));
        List<Boolean> attends = attention(json, "down_block_types", down, ATTENDS_DOWN, "DownBlock2D");
        List<Integer> headCounts = json.integers(heads, levels, 8); // a number of heads, whatever its name
        for (int i = 0; i < levels; i++) {
            boolean used = attends.get(i) || i == levels - 1; // the middle has the last level's
            if (used && headCounts.get(i) > widths.get(i)) {
                throw json.bad(
                        heads,
                        "is " + headCounts.get(i) + " at level " + i + "; expected at most " + widths.get(i)
                                + ", the entry of block_out_channels");
            }
        }
        List<Integer> transformers = json.integers("transformer_layers_per_block", levels, 1);
        long blocks = (2L * json.integer("layers_per_block", 2) + 2)
                * transformers.stream().mapToLong(Integer::longValue).sum();
        if (blocks > NetworkBounds.TRANSFORMER_BLOCKS) {
            throw json.bad(
                    "transformer_layers_per_block",
                    "makes about " + blocks + " transformer blocks; expected at most "
                            + NetworkBounds.TRANSFORMER_BLOCKS);
        }
        return new UNet2DConditionConfig(
                json.integer("in_channels", 4),
                json.integer("out_channels", 4),
                widths,
                attends,
                attendsUp,
                headCounts,
                transformers,
                json.integer("layers_per_block", 2),
                json.integer("cross_attention_dim", 1280),
                json.flag("use_linear_projection", false),
                json.integer("norm_num_groups", 32),
                json.real("norm_eps", 1e-5),
                json.flag("flip_sin_to_cos", true),
                json.real("freq_shift", 0),
                textTime(json),
                guidanceDim(json),
                json.integer("sample_size", 0));
    }

    /** Width of each level, all of which the groups of the normalizations divide. */
    static List<Integer> widths(Config json, int levels, List<Integer> absent) {
        if (levels == 0) {
            throw json.bad("down_block_types", "is an empty list; expected one entry or more");
        }
        if (levels > NetworkBounds.LEVELS) {
            throw json.bad(
                    "down_block_types",
                    "has " + Counted.of(levels, "entry") + "; expected at most " + NetworkBounds.LEVELS);
        }
        json.requireWithin("block_out_channels", NetworkBounds.WIDTH);
        json.requireWithin("norm_num_groups", NetworkBounds.WIDTH);
        List<Integer> widths = json.integers("block_out_channels", levels, absent);
        int groups = json.integer("norm_num_groups", 32);
        if (widths.stream().anyMatch(width -> width % groups != 0)) {
            throw json.bad(
                    "norm_num_groups",
                    "is " + groups + "; expected a divisor of each entry of block_out_channels, " + widths);
        }
        return widths;
    }

    private static void refuseTheUnsupported(Config json) {
        json.require("act_fn", "silu");
        json.require("mid_block_type", "UNetMidBlock2DCrossAttn");
        json.require("time_embedding_type", "positional");
        json.require("resnet_time_scale_shift", "default");
        json.require("attention_type", "default");
        json.require("downsample_padding", 1);
        json.require("mid_block_scale_factor", 1);
        json.require("resnet_out_scale_factor", 1);
        json.require("conv_in_kernel", 3);
        json.require("conv_out_kernel", 3);
        List.of(
                        "center_input_sample",
                        "only_cross_attention",
                        "mid_block_only_cross_attention",
                        "dual_cross_attention",
                        "resnet_skip_time_act",
                        "class_embeddings_concat")
                .forEach(json::requireFalse);
        List.of(
                        "class_embed_type",
                        "num_class_embeds",
                        "encoder_hid_dim",
                        "encoder_hid_dim_type",
                        "time_embedding_dim",
                        "time_embedding_act_fn",
                        "timestep_post_act",
                        "reverse_transformer_layers_per_block",
                        "cross_attention_norm")
                .forEach(json::requireAbsent);
    }

    static List<Boolean> attention(Config json, String key, List<String> types, String attending, String plain) {
        types.stream()
                .filter(type -> !type.equals(attending) && !type.equals(plain))
                .findFirst()
                .ifPresent(type -> {
                    throw json.bad(
                            key,
                            "has \"" + type + "\"; only \"" + attending + "\" and \"" + plain + "\" are supported");
                });
        return types.stream().map(attending::equals).toList();
    }

    private static int guidanceDim(Config json) {
        int dim = json.integer("time_cond_proj_dim", 0);
        json.requireWithin("time_cond_proj_dim", Bounds.of(4, 65_536));
        return dim;
    }

    private static Optional<TextTime> textTime(Config json) {
        if (!json.has("addition_embed_type")) {
            return Optional.empty();
        }
        json.require("addition_embed_type", "text_time");
        return Optional.of(new TextTime(
                json.integer("addition_time_embed_dim"), json.integer("projection_class_embeddings_input_dim")));
    }

    /** Whether the guidance scale is an input, as in models distilled from guided ones (LCM). */
    public boolean takesGuidance() {
        return guidanceDim > 0;
    }

    /** How many outputs of the way down go to the way up: one of the first convolution, and one of each part. */
    public int skips() {
        return blockOutChannels.size() * (layersPerBlock + 1);
    }

    /** The levels on the way down, from the finest. */
    List<Level> levels() {
        return IntStream.range(0, attends.size())
                .mapToObj(i -> level(i, attends.get(i)))
                .toList();
    }

    /** The lowest resolution. */
    Level mid() {
        return level(attends.size() - 1, true);
    }

    /** The levels on the way up, from the coarsest. */
    List<Level> levelsUp() {
        return IntStream.range(0, attends.size())
                .mapToObj(i -> level(attends.size() - 1 - i, attendsUp.get(i)))
                .toList();
    }

    private Level level(int depth, boolean attends) {
        int channels = blockOutChannels.get(depth);
        Supplier<SpatialAttention> attention = () -> new Transformer2DModel(
                channels,
                heads.get(depth),
                transformerLayers.get(depth),
                crossAttentionDim,
                normGroups,
                linearProjection);
        return new Level(
                channels,
                layersPerBlock,
                4L * blockOutChannels.get(0),
                normGroups,
                normEpsilon,
                attends ? Optional.of(attention) : Optional.empty());
    }
}
