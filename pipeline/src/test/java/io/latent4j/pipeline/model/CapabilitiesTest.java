package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.XlFolder;
import io.latent4j.pipeline.files.ControlNetFiles;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.transformer.TinyModel;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.textencoder.PromptSyntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of families and what they can do in docs/models.md is what a model of each says of itself. */
class CapabilitiesTest {
    private static final Path PAGE = Path.of("../docs/models.md");

    private static final Map<String, BiFunction<ModelFamily, Model, String>> ROWS = new LinkedHashMap<>();

    static {
        ROWS.put(
                "noise",
                (family, model) -> model.scheduler().kind() == ProcessKind.RECTIFIED_FLOW ? "flow" : "schedule");
        ROWS.put(
                "weights in prompts",
                (family, model) -> yes(model.text()
                        .ignored("a (boat:1.2)", new TextOptions(PromptSyntax.WEIGHTED, 1))
                        .isEmpty()));
        ROWS.put("negative prompt", (family, model) -> model.denoiser().takesGuidance() ? "with a true scale" : "yes");
        ROWS.put(
                "reference images",
                (family, model) -> model.denoiser().mostReferences() == 0
                        ? "no"
                        : "up to " + model.denoiser().mostReferences());
        ROWS.put(
                "adapters of",
                (family, model) -> model.adaptable().parts().keySet().stream()
                        .map(part -> part == LoraPart.UNET ? "denoiser" : "text")
                        .distinct()
                        .collect(Collectors.joining(", ")));
        ROWS.put("control networks", (family, model) -> takes(() -> model.controlNet("none", (ControlNetFiles) null)));
        ROWS.put("learned words", (family, model) -> takes(() -> model.withWords(Collections.singletonList(null))));
        ROWS.put(
                "perturbed attention",
                (family, model) -> takes(() -> model.denoiser().selfAttention("mid_block")));
        ROWS.put("single files", (family, model) -> yes(!family.singleFiles().isEmpty()));
        ROWS.put("training", (family, model) -> yes(model instanceof Components));
    }

    /** What a model may be asked for. */
    private interface Asked {
        Object ask() throws IOException;
    }

    private static String yes(boolean holds) {
        return holds ? "yes" : "no";
    }

    /** Whether a model takes it: one that does fails for another reason, as there is nothing to take. */
    private static String takes(Asked asked) {
        try {
            asked.ask();
            return "yes";
        } catch (IOException | RuntimeException e) {
            String message = String.valueOf(e.getMessage());
            return yes(!message.contains(" takes no ") && !message.contains("is for models of a UNet"));
        }
    }

    @Test
    void thePageSaysWhatEachFamilyCanDo(@TempDir Path folder) throws IOException {
        Families families = Families.installed();
        Map<ModelFamily, Model> models = new LinkedHashMap<>();
        try (EmbeddedModel embedded = EmbeddedModel.unpack()) {
            for (Path files : List.of(
                    embedded.folder(),
                    XlFolder.write(folder.resolve("xl")),
                    TinyModel.copy("pixart-sigma-tiny", Files.createDirectories(folder.resolve("pixart"))),
                    TinyModel.copy("sd35-medium-tiny", Files.createDirectories(folder.resolve("sd3"))),
                    TinyModel.copy("flux-dev-tiny", Files.createDirectories(folder.resolve("flux"))),
                    TinyModel.copy("z-image-tiny", Files.createDirectories(folder.resolve("z"))),
                    TinyModel.copy("flux2-klein-tiny", Files.createDirectories(folder.resolve("klein"))))) {
                ModelFiles found = ModelFiles.of(files);
                ModelFamily family = families.of(found);
                models.put(family, family.open("tiny", found, new Placement(Device.cpu(), DataType.FLOAT32)));
            }
            assertThat(families.all())
                    .filteredOn(family -> family.getClass().getName().contains(".model."))
                    .as("families without a model here")
                    .containsExactlyInAnyOrderElementsOf(models.keySet());
            String table = table(models);
            assertThat(Files.readString(PAGE))
                    .as("the table is to be\n%s", table)
                    .contains(table);
        } finally {
            models.values().forEach(Model::close);
        }
    }

    private static String table(Map<ModelFamily, Model> models) {
        List<String> lines = new ArrayList<>();
        lines.add("| | " + models.keySet().stream().map(ModelFamily::title).collect(Collectors.joining(" | ")) + " |");
        lines.add("| --- |" + " --- |".repeat(models.size()));
        ROWS.forEach((what, cell) -> lines.add("| " + what + " | "
                + models.entrySet().stream()
                        .map(each -> cell.apply(each.getKey(), each.getValue()))
                        .collect(Collectors.joining(" | "))
                + " |"));
        return String.join("\n", lines) + "\n";
    }
}
