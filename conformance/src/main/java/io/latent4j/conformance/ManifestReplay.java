package io.latent4j.conformance;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Sets;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.transformer.flux.FluxTransformer2DConfig;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.transformer.flux2.Flux2Transformer2DConfig;
import io.latent4j.transformer.flux2.Flux2Transformer2DModel;
import io.latent4j.transformer.pixart.PixArtTransformer2DConfig;
import io.latent4j.transformer.pixart.PixArtTransformer2DModel;
import io.latent4j.transformer.sd3.SD3Transformer2DConfig;
import io.latent4j.transformer.sd3.SD3Transformer2DModel;
import io.latent4j.transformer.zimage.ZImageTransformer2DConfig;
import io.latent4j.transformer.zimage.ZImageTransformer2DModel;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.unet.UNet2DModel;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import io.latent4j.vae.AutoencoderKLFlux2;
import io.latent4j.vae.AutoencoderKLFlux2Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The keys and shapes of a model of full size, which need no weights. The error is the number of keys that differ. */
record ManifestReplay(Path folder) implements Replay {
    static final String FILE = "manifest.tsv";

    /** How many batches a normalization's statistics were taken from, on which nothing depends. */
    private static final String COUNT = "bn.num_batches_tracked";

    @Override
    public void run(Workbench bench, Comparison comparison) throws IOException {
        Config config = Config.read(folder.resolve("config.json"));
        Map<String, Shape> got = NotCovered.ifRefused(() -> model(config)).shapes();
        Map<String, Shape> expected = manifest();
        expected.remove(COUNT);
        Set<String> keys = Sets.union(got.keySet(), expected.keySet());
        List<String> differing = keys.stream()
                .filter(key -> !Objects.equals(got.get(key), expected.get(key)))
                .sorted()
                .toList();
        comparison.error("keys", differing.size(), 0);
        comparison.remark(
                differing.isEmpty()
                        ? keys.size() + " of them"
                        : differing.get(0) + " " + got.get(differing.get(0)) + " for "
                                + expected.get(differing.get(0)));
    }

    private static NamedBlock model(Config config) {
        String name = className(config);
        return switch (name) {
            case "UNet2DConditionModel" -> new UNet2DConditionModel(UNet2DConditionConfig.from(config));
            case "UNet2DModel" -> new UNet2DModel(UNet2DConfig.from(config));
            case "PixArtTransformer2DModel" -> new PixArtTransformer2DModel(PixArtTransformer2DConfig.from(config));
            case "SD3Transformer2DModel" -> new SD3Transformer2DModel(SD3Transformer2DConfig.from(config));
            case "FluxTransformer2DModel" -> new FluxTransformer2DModel(FluxTransformer2DConfig.from(config));
            case "ZImageTransformer2DModel" -> new ZImageTransformer2DModel(ZImageTransformer2DConfig.from(config));
            case "Flux2Transformer2DModel" -> new Flux2Transformer2DModel(Flux2Transformer2DConfig.from(config));
            case "AutoencoderKLFlux2" -> new AutoencoderKLFlux2(AutoencoderKLFlux2Config.from(config));
            case "AutoencoderKL" -> new AutoencoderKL(AutoencoderKLConfig.from(config));
            case "CLIPTextModel", "CLIPTextModelWithProjection" -> new ClipTextModel(ClipTextConfig.from(config));
            case "T5EncoderModel" -> new T5EncoderModel(T5Config.from(config));
            case "Qwen3ForCausalLM" -> new Qwen3TextModel(Qwen3Config.from(config));
            default -> throw new NotCovered("class " + name);
        };
    }

    private static String className(Config config) {
        JsonElement names = config.json().get("architectures");
        return names instanceof JsonArray list && list.size() == 1
                ? list.get(0).getAsString()
                : config.text("_class_name", "");
    }

    /** Key and shape, {@code 320,4,3,3}, in columns under a heading. */
    private Map<String, Shape> manifest() throws IOException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(folder.resolve(FILE));
        for (String line : lines.subList(1, lines.size())) {
            String[] columns = line.split("\t", -1);
            shapes.put(columns[0], shape(columns[1]));
        }
        return shapes;
    }

    private static Shape shape(String sizes) {
        return new Shape(Stream.of(sizes.split(",", -1))
                .filter(size -> !size.isBlank())
                .mapToLong(size -> Long.parseLong(size.strip()))
                .toArray());
    }
}
