package io.latent4j.cli.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.pipeline.model.AutoencoderCodec;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * Measures what one decode takes, in a process that holds nothing but the autoencoder: time, and the most resident memory
 * above what there is before it.
 *
 * @param name of a {@link FullSizeModel}
 * @param tile side of a tile in pixels; empty to decode as a whole
 */
record DecodeBench(String name, Device device, int width, int height, OptionalInt tile) {

    JsonObject run() throws IOException {
        AutoencoderKL vae = new AutoencoderKL(AutoencoderKLConfig.from(
                Config.of(name + " vae", FullSizeModel.read(name).getAsJsonObject("vae"))));
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
            FullSizeModel.fill(vae, manager, Precision.FLOAT32);
            decode(vae, manager, 64, 64); // compiles operators
            NativeHeap.trim();
            long before = ResidentMemory.now().orElse(0);
            ResidentMemory.forgetPeak();
            long start = System.nanoTime();
            decode(vae, manager, width, height);
            double seconds = (System.nanoTime() - start) * 1e-9;
            JsonObject json = new JsonObject();
            json.addProperty("size", width + "x" + height);
            json.addProperty("tile", tile.isPresent() ? String.valueOf(tile.getAsInt()) : "none");
            json.addProperty("decode_seconds", Math.round(seconds * 10) / 10.0);
            json.addProperty("resident_before_bytes", before);
            ResidentMemory.peak().ifPresent(peak -> json.addProperty("peak_above_bytes", peak - before));
            return json;
        }
    }

    private void decode(AutoencoderKL vae, NDManager owner, int wide, int high) {
        try (NDManager manager = owner.newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            LatentCodec codec = AutoencoderCodec.of(vae, DataType.FLOAT32);
            NDArray latents = manager.randomNormal(codec.latentShape(1, wide, high));
            NDArray decoded = tile.isPresent()
                    ? vae.decodeInTiles(Pass.inference(), latents, tile.getAsInt())
                    : vae.decode(Pass.inference(), latents);
            if (!Float.isFinite(decoded.sum().getFloat())) { // which also waits for a device to be done
                throw new IllegalStateException("the image is not of finite numbers");
            }
        }
    }
}
