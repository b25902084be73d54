package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What the names and shapes of a file's tensors say of its autoencoder, in the form of diffusers' settings. */
record AutoencoderShapes(FileTensors tensors) {
    private static final int MOST_BLOCKS = 64;

    /** The settings that a folder holds in {@code vae/config.json}, but for the scale of the latents, which does not show. */
    JsonObject settings() {
        String down = AutoencoderNames.PREFIX + "encoder.down.";
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; tensors.has(down + i + ".block.0.conv1.weight") && i < MOST_BLOCKS; i++) {
            widths.add((int) tensors.size(down + i + ".block.0.conv1.weight", 0));
        }
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "AutoencoderKL");
        json.add("block_out_channels", FileTensors.numbers(widths));
        json.add("down_block_types", FileTensors.texts(widths.stream().map(width -> "DownEncoderBlock2D")));
        json.add("up_block_types", FileTensors.texts(widths.stream().map(width -> "UpDecoderBlock2D")));
        json.addProperty("layers_per_block", tensors.count(down + "0.block."));
        json.addProperty("latent_channels", tensors.size(AutoencoderNames.PREFIX + "decoder.conv_in.weight", 1));
        return json;
    }
}
