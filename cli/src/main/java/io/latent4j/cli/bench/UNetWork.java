package io.latent4j.cli.bench;

import ai.djl.ndarray.types.Shape;
import io.latent4j.unet.UNet2DConditionModel;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the floating-point operations of convolutions, linear layers and attention in one pass through a UNet. */
final class UNetWork {
    private static final Pattern PLACE = Pattern.compile("(down_blocks|mid_block|up_blocks)\\.?(\\d*)\\.(.*)");

    private final int levels;
    private final long height;
    private final long width;
    private final long words;

    private UNetWork(int levels, long height, long width, long words) {
        this.levels = levels;
        this.height = height;
        this.width = width;
        this.words = words;
    }

    /** Operations for one sample of {@code height} × {@code width} latents that attends to {@code words} tokens. */
    static double of(UNet2DConditionModel unet, long height, long width, long words) {
        UNetWork work = new UNetWork(unet.config().blockOutChannels().size(), height, width, words);
        double sum = 0;
        for (Map.Entry<String, Shape> parameter : unet.shapes().entrySet()) {
            if (parameter.getKey().endsWith(".weight") && parameter.getValue().dimension() > 1) {
                sum += work.of(parameter.getKey(), parameter.getValue());
            }
        }
        return sum;
    }

    private double of(String key, Shape weight) {
        long pixels = pixels(key);
        if (weight.dimension() == 4 || key.contains(".proj_")) {
            return 2.0 * weight.size() * pixels;
        }
        if (!key.contains(".transformer_blocks.")) {
            return 2.0 * weight.size(); // once a sample: the time embedding and what reads it
        }
        boolean ofWords = key.contains("attn2.to_k") || key.contains("attn2.to_v");
        double product = 2.0 * weight.size() * (ofWords ? words : pixels);
        // The scores and the mix of values: 2 · N · M · C each, counted with the keys' projection.
        if (key.contains("to_k")) {
            product += 4.0 * pixels * (ofWords ? words : pixels) * weight.get(0);
        }
        return product;
    }

    /** Pixels that a layer's result has. */
    private long pixels(String key) {
        Matcher place = PLACE.matcher(key);
        if (!place.matches()) {
            return height * width; // conv_in, conv_out
        }
        int depth = switch (place.group(1)) {
            case "mid_block" -> levels - 1;
            case "up_blocks" -> levels - 1 - Integer.parseInt(place.group(2));
            default -> Integer.parseInt(place.group(2));
        };
        if (place.group(3).startsWith("downsamplers")) {
            depth++;
        } else if (place.group(3).startsWith("upsamplers")) {
            depth--;
        }
        return halved(height, depth) * halved(width, depth);
    }

    private static long halved(long side, int times) {
        long half = side;
        for (int i = 0; i < times; i++) {
            half = (half + 1) / 2;
        }
        return half;
    }
}
