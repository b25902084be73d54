package io.latent4j.pipeline.files;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The layout in which CompVis and Stability published models of a UNet, an autoencoder and CLIP's text encoders; families
 * differ in what the methods without a body say.
 */
public interface UNetLayout extends SingleFileLayout {
    /** A model that inpaints takes a mask and the latents of the masked image beside the four channels of the noisy ones. */
    int INPAINTING_CHANNELS = 9;

    /** The text encoders, in the order of their states in the context. */
    List<TextLayout> texts();

    /** Whether the UNet takes a vector beside the time. */
    boolean labelled();

    /** How many heads a level of so many channels has; 64 channels each where a family does not say otherwise. */
    default int heads(int width) {
        return UNetShapes.wideHeads(width);
    }

    /** The side in pixels of the images that the model was trained on. */
    int side(Prediction prediction);

    /** The side in pixels of the images that the autoencoder was trained on. */
    int autoencoderSide();

    /** The {@code _class_name} of the model's {@code model_index.json}. */
    String className(boolean inpaints);

    /** Further settings of the model as a whole. */
    default void addSettings(JsonObject index) {}

    /**
     * The class of the sampler where a request leaves it open.
     *
     * @param toZeroSnr whether the model was trained on noise alone at the last timestep, where runs then begin
     */
    String sampler(boolean toZeroSnr);

    /** Where the sampler's timesteps lie: {@code timestep_spacing}; empty for the sampler's own. */
    default Optional<String> spacing() {
        return Optional.empty();
    }

    /** The last text encoder says whose it is: a file may lack the others. */
    @Override
    default boolean recognises(FileTensors tensors) {
        TextLayout last = texts().get(texts().size() - 1);
        return UNetShapes.isIn(tensors)
                && new UNetShapes(tensors).isLabelled() == labelled()
                && tensors.begins(last.prefix());
    }

    @Override
    default List<String> parts() {
        List<String> parts =
                new ArrayList<>(texts().stream().map(TextLayout::part).toList());
        parts.addAll(List.of("unet", "vae"));
        return List.copyOf(parts);
    }

    @Override
    default List<String> tokenizers() {
        return texts().stream().map(TextLayout::tokenizer).toList();
    }

    @Override
    default Optional<HubTokenizer> onHub() {
        return Optional.of(HubTokenizer.CLIP);
    }

    @Override
    default String prefix(String part) {
        return switch (part) {
            case "unet" -> UNetNames.PREFIX;
            case "vae" -> AutoencoderNames.PREFIX;
            default -> text(part).prefix();
        };
    }

    private TextLayout text(String part) {
        return texts().stream()
                .filter(text -> text.part().equals(part))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "a model of " + title() + " has no " + part + "; expected one of " + parts()));
    }

    @Override
    default Optional<String> padding(String tokenizer) {
        return texts().stream()
                .filter(text -> text.tokenizer().equals(tokenizer))
                .findFirst()
                .flatMap(TextLayout::padding);
    }

    /** Whether the model takes a mask and the latents of a masked image. */
    default boolean inpaints(FileTensors tensors) {
        return new UNetShapes(tensors).channels() == INPAINTING_CHANNELS;
    }

    @Override
    default JsonObject settings(String file, FileTensors tensors, Prediction prediction) {
        return switch (file) {
            case ModelKind.INDEX -> index(tensors);
            case "scheduler/scheduler_config.json" -> scheduler(prediction);
            case "unet/config.json" -> new UNetShapes(tensors).unet(this::heads, side(prediction) / 8);
            case "vae/config.json" -> {
                JsonObject json = new AutoencoderShapes(tensors).settings();
                json.addProperty("scaling_factor", latentScale());
                json.addProperty("sample_size", autoencoderSide());
                yield json;
            }
            default ->
                texts().stream()
                        .filter(text -> file.equals(text.part() + "/config.json"))
                        .findFirst()
                        .orElseThrow(() -> tensors.bad("has no " + file, "a part's settings"))
                        .settings(tensors);
        };
    }

    private JsonObject index(FileTensors tensors) {
        JsonObject index = new JsonObject();
        index.addProperty("_class_name", className(inpaints(tensors)));
        addSettings(index);
        part(index, "scheduler", "diffusers", sampler(false));
        for (TextLayout text : texts()) {
            part(index, text.part(), "transformers", text.className());
            part(index, text.tokenizer(), "transformers", "CLIPTokenizer");
        }
        part(index, "unet", "diffusers", "UNet2DConditionModel");
        part(index, "vae", "diffusers", "AutoencoderKL");
        return index;
    }

    private static void part(JsonObject index, String part, String library, String type) {
        JsonArray libraryAndType = new JsonArray();
        libraryAndType.add(library);
        libraryAndType.add(type);
        index.add(part, libraryAndType);
    }

    private JsonObject scheduler(Prediction prediction) {
        JsonObject scheduler = new JsonObject();
        scheduler.addProperty("_class_name", sampler(prediction.toZeroSnr()));
        scheduler.addProperty("beta_start", 0.00085);
        scheduler.addProperty("beta_end", 0.012);
        scheduler.addProperty("beta_schedule", "scaled_linear");
        scheduler.addProperty("num_train_timesteps", 1000);
        scheduler.addProperty("prediction_type", prediction.type());
        scheduler.addProperty("steps_offset", 1);
        scheduler.addProperty("clip_sample", false);
        scheduler.addProperty("set_alpha_to_one", false);
        scheduler.addProperty("skip_prk_steps", true);
        if (prediction.toZeroSnr()) {
            scheduler.addProperty("rescale_betas_zero_snr", true);
            scheduler.addProperty("timestep_spacing", "trailing");
        } else {
            spacing().ifPresent(spacing -> scheduler.addProperty("timestep_spacing", spacing));
        }
        return scheduler;
    }

    @Override
    default PartLayout part(String part, Config config) {
        return switch (part) {
            case "unet" -> {
                UNet2DConditionConfig shape = UNet2DConditionConfig.from(config);
                yield new PartLayout(new UNet2DConditionModel(shape).shapes(), new UNetNames(shape)::origin);
            }
            case "vae" -> {
                AutoencoderKLConfig shape = AutoencoderKLConfig.from(config);
                yield new PartLayout(new AutoencoderKL(shape).shapes(), new AutoencoderNames(shape)::origin);
            }
            default -> text(part).part(config);
        };
    }

    /** A model with the same text encoders and a UNet. */
    @Override
    default boolean writes(ModelFiles model) throws IOException {
        List<String> found =
                Stream.of("text_encoder", "text_encoder_2").filter(model::has).toList();
        return model.has("unet")
                && found.equals(texts().stream().map(TextLayout::part).toList());
    }

    @Override
    default void check(ModelFiles model) throws IOException {
        Config unet = model.json("unet/config.json");
        if (unet.has("time_cond_proj_dim")) {
            throw unet.bad("time_cond_proj_dim", "is set, which a single file has no place for; keep the folder");
        }
    }

    @Override
    default Map<String, OriginalTensor> unused(String part, Map<String, OriginalTensor> tensors) {
        return texts().stream()
                .filter(text -> text.part().equals(part))
                .findFirst()
                .map(text -> text.unused(tensors))
                .orElse(Map.of());
    }
}
