package io.latent4j.cli.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.AutoencoderCodec;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model of a published shape with random weights made in memory: as much work as the real one, and no download. {@link
 * #close} frees it.
 *
 * @param bytes that the weights take
 */
record FullSizeModel(
        NDManager manager,
        Precision precision,
        List<ClipTextModel> textEncoders,
        UNet2DConditionModel unet,
        AutoencoderKL vae,
        long bytes)
        implements AutoCloseable {
    static final List<String> NAMES = List.of("sd15", "sd21", "sdxl");

    /** Makes the model called {@code name}, one of {@link #NAMES}; its VAE is float32. */
    static FullSizeModel make(String name, Device device, Precision precision) throws IOException {
        JsonObject json = read(name);
        List<ClipTextModel> textEncoders = new ArrayList<>();
        for (JsonElement each : json.getAsJsonArray("text_encoders")) {
            textEncoders.add(
                    new ClipTextModel(ClipTextConfig.from(Config.of(name + " text encoder", each.getAsJsonObject()))));
        }
        UNet2DConditionModel unet = new UNet2DConditionModel(
                UNet2DConditionConfig.from(Config.of(name + " unet", json.getAsJsonObject("unet"))));
        AutoencoderKL vae =
                new AutoencoderKL(AutoencoderKLConfig.from(Config.of(name + " vae", json.getAsJsonObject("vae"))));

        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        try {
            textEncoders.forEach(encoder -> fill(encoder, manager, precision));
            fill(unet, manager, precision);
            fill(vae, manager, Precision.FLOAT32);
        } catch (RuntimeException e) { // no memory, for one
            manager.close();
            throw e;
        }
        long bytes = unet.bytes(precision)
                + textEncoders.stream().mapToLong(each -> each.bytes(precision)).sum()
                + vae.bytes(Precision.FLOAT32);
        return new FullSizeModel(manager, precision, List.copyOf(textEncoders), unet, vae, bytes);
    }

    static JsonObject read(String name) throws IOException {
        try (InputStream in = FullSizeModel.class.getResourceAsStream(name + ".json");
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        }
    }

    /** Weights that keep activations near unit variance, so that no number overflows. */
    static void fill(NamedBlock block, NDManager manager, Precision precision) {
        Map<String, Shape> shapes = block.shapes();
        block.load("random weights", shapes, precision, (key, type) -> {
            Shape shape = shapes.get(key);
            if (shape.dimension() == 1) {
                return cast(key.endsWith("bias") ? manager.zeros(shape) : manager.ones(shape), type);
            }
            double fanIn = (double) shape.size() / shape.get(0);
            return cast(manager.randomNormal(0, (float) (1 / Math.sqrt(fanIn)), shape, DataType.FLOAT32), type);
        });
    }

    private static NDArray cast(NDArray wide, DataType dataType) {
        if (dataType == DataType.FLOAT32) {
            return wide;
        }
        NDArray narrow = Ops.cast(wide, dataType);
        wide.close();
        return narrow;
    }

    /** Between images and latents. */
    LatentCodec codec() {
        return AutoencoderCodec.of(vae, DataType.FLOAT32);
    }

    /** The side in pixels of the images that the model was trained on. */
    int side() {
        return unet.config().sampleSize() * codec().pixelsPerLatent();
    }

    @Override
    public void close() {
        manager.close();
    }
}
