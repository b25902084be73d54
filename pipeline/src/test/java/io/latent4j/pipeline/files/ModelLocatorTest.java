package io.latent4j.pipeline.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.hub.DownloadListener;
import io.latent4j.hub.FakeHub;
import io.latent4j.hub.HubSettings;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ModelLocatorTest {
    @TempDir
    private Path folder;

    private Optional<String> variant = Optional.empty();
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
        return new ModelLocator(variant, DownloadListener.silent(), () -> settings);
    }

    /** The embedded model with weights called bf16, but for its autoencoder, whose are plain. */
    private Path inBfloat16(Path model) throws IOException {
        Path copy = folder.resolve("bf16");
        try (Stream<Path> all = Files.walk(model)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = model.relativize(file).toString().replace('\\', '/');
                Path to =
                        copy.resolve(name.startsWith("vae") ? name : name.replace(".safetensors", ".bf16.safetensors"));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        return copy;
    }

    @Test
    void theVariantThatIsFetchedIsRead() throws IOException {
        variant = Optional.of("bf16");
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path there = inBfloat16(model.folder());
            ModelLocator locator = locator("owner/name", there);
            assertThatThrownBy(() -> locator.model("owner/name", FileOptions.none()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no weights of the variant bf16 in vae/");
            ModelFiles second = locator.orPlain().model("owner/name", FileOptions.none());
            second.weights("unet").close();
            second.weights("vae").close();
            locator.autoencoder("owner/name/vae").weights().close();
            ModelFiles here = locator.model(there.toString(), FileOptions.none());
            here.weights("unet").close();
            assertThatThrownBy(() -> here.weights("vae"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("expected diffusion_pytorch_model.bf16.safetensors");
        }
    }

    @Test
    void aModelOnTheHubLoadsByItsName() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelLocator locator = locator("owner/name", model.folder());
            Placement placement = new Placement(Device.cpu(), DataType.FLOAT32);
            try (Components parts = Components.load(locator, "owner/name", placement)) {
                assertThat(parts.name()).isEqualTo("owner/name");
            }
            String here = model.folder().toString();
            try (Components parts = Components.load(here, placement)) {
                assertThat(parts.name()).isEqualTo(model.folder().getFileName().toString());
            }
            assertThatThrownBy(() -> Components.load("./none", placement))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("there is no such folder or file");
        }
    }

    /** A pattern that tries a group for each folder would need a stack as deep. */
    @Test
    void aNameOfManyFoldersIsNoModel() {
        assertThatThrownBy(() -> ModelLocator.check("x/".repeat(50_000) + "x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("...: there is no such folder or file")
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aDeviceIsNoModel() throws IOException {
        Path zero = Files.createSymbolicLink(folder.resolve("zero.safetensors"), Path.of("/dev/zero"));
        ModelLocator locator = locator("owner/name", Files.createDirectories(folder.resolve("empty")));
        ThrowingCallable model = () -> locator.model(zero.toString(), FileOptions.none());
        ThrowingCallable part = () -> locator.autoencoder(zero.toString());
        ThrowingCallable net = () -> locator.controlNet(zero.toString());
        for (ThrowingCallable open : List.of(model, part, net)) {
            assertThatThrownBy(open)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(zero + ": is neither a folder nor a regular file");
        }
    }

    @Test
    void aPartsFileBringsItsSettings() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelLocator locator = locator("owner/name", model.folder());
            AutoencoderFiles vae = locator.autoencoder("owner/name/vae/diffusion_pytorch_model.safetensors");
            assertThat(vae.config().integer("latent_channels")).isEqualTo(4);
        }
    }

    @Test
    void aTinyDecoderBringsItsEncoder() throws IOException {
        Path tiny = Files.createDirectories(folder.resolve("tiny"));
        Files.writeString(tiny.resolve("taesd_decoder.safetensors"), "decoder");
        Files.writeString(tiny.resolve("taesd_encoder.safetensors"), "encoder");
        ModelLocator locator = locator("owner/name", tiny);
        assertThatThrownBy(() -> locator.autoencoder("owner/name/taesd_decoder.safetensors"))
                .hasMessageContaining("taesd_decoder.safetensors"); // it is none
        try (Stream<Path> cached = Files.walk(folder.resolve("cache"))) {
            assertThat(cached).anyMatch(file -> file.endsWith("taesd_encoder.safetensors"));
        }
    }

    @Test
    void aSingleFileWithoutATokenizerIsToldTheCure() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            ModelLocator locator = locator("owner/name", Files.createDirectories(folder.resolve("empty")));
            Path file = folder.resolve("shapes.safetensors");
            new Conversion(ModelFiles.of(model.folder()), Optional.empty()).toFile(file, (part, to) -> {});
            assertThatThrownBy(() -> locator.withTokenizer(file.toString(), FileOptions.none()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(file + ": a single file holds no tokenizer, and that of the hub")
                    .hasMessageContaining("; name a folder with vocab.json and merges.txt");
        }
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
