package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.hub.DownloadListener;
import io.latent4j.hub.FakeHub;
import io.latent4j.hub.HubSettings;
import io.latent4j.pipeline.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelLocatorTest {
    @TempDir
    private Path folder;

    private FakeHub hub;

    @AfterEach
    void close() {
        if (hub != null) {
            hub.close();
        }
    }

    /** Looks on a hub with one repository, which holds the embedded model's files below {@code from}. */
    private ModelLocator locator(String repository, Path from) throws IOException {
        hub = new FakeHub(repository);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                hub.with(from.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        HubSettings settings = new HubSettings(hub.endpoint(), folder.resolve("cache"), Optional.empty(), false);
        return new ModelLocator(Optional.empty(), DownloadListener.silent(), () -> settings);
    }

    @Test
    void aPathGoesBeforeANameOnTheHub() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelLocator locator = locator("owner/name", model.folder());
            Path here = model.folder();
            assertThat(locator.locate(here.toString())).isEqualTo(here);
            assertThat(hub.asked).isEmpty();
            Path there = locator.locate("owner/name");
            assertThat(there).startsWith(folder.resolve("cache"));
            assertThat(locator.model("owner/name", FileOptions.none()).has("unet"))
                    .isTrue();
        }
    }

    @Test
    void partsOfModelsAreFoundByTheirFolder() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelLocator locator = locator("owner/name", model.folder());
            AutoencoderFiles vae = locator.autoencoder("owner/name/vae");
            assertThat(vae.config().integer("latent_channels")).isEqualTo(4);
            assertThat(hub.asked).noneMatch(line -> line.contains("unet"));
            assertThatThrownBy(() -> locator.controlNet("owner/name"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("owner/name: has no config.json");
        }
    }

    @Test
    void aSingleFileGetsClipsTokenizerUnlessOneIsNamed() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path tokenizer = model.folder().resolve("tokenizer");
            ModelLocator locator = locator("openai/clip-vit-large-patch14", tokenizer);
            String file = folder.resolve("shapes.safetensors").toString();
            new Conversion(ModelFiles.of(model.folder()), Optional.empty()).toFile(Path.of(file), (part, to) -> {});
            locator.withTokenizer(file, FileOptions.none().withTokenizer(tokenizer));
            locator.withTokenizer(file, FileOptions.none().withConfig(model.folder()));
            locator.withTokenizer(model.folder().toString(), FileOptions.none());
            locator.model(file, FileOptions.none());
            assertThat(hub.asked).isEmpty();
            Path fetched = locator.withTokenizer(file, FileOptions.none())
                    .tokenizer("tokenizer")
                    .folder();
            assertThat(fetched).startsWith(folder.resolve("cache"));
            for (String name : List.of("vocab.json", "merges.txt")) {
                assertThat(fetched.resolve(name)).hasSameBinaryContentAs(tokenizer.resolve(name));
            }
        }
    }

    @Test
    void aMistypedPathIsToldFromANameThatTheHubHasNot() throws IOException {
        ModelLocator locator = locator("owner/name", Files.createDirectories(folder.resolve("empty")));
        assertThatThrownBy(() -> locator.locate("./models/none"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("./models/none: there is no such folder or file; expected ");
        assertThat(hub.asked).isEmpty();
        assertThatThrownBy(() -> locator.locate("models/none"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("models/none")
                .hasMessageEndingWith("there is no folder or file models/none either");
    }
}
