package io.latent4j.service.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
    @TempDir
    private Path folder;

    private final Catalogue catalogue = new Catalogue();

    private void file(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "bytes");
    }

    private List<String> names(EntryKind kind) {
        return catalogue.all(kind).stream().map(ModelEntry::name).toList();
    }

    private Optional<String> found(EntryKind kind, String name) {
        return catalogue.find(kind, name).map(ModelEntry::name);
    }

    @Test
    void callsFilesByTheirNamesWithoutEndings() throws IOException {
        for (String name : List.of(
                "ink.safetensors", "deep/paper.pt", "deep/.hidden/none.pt", ".draft.safetensors", "notes.txt")) {
            file(name);
        }
        catalogue.addFolder(EntryKind.ADAPTER, folder);

        assertThat(catalogue.all(EntryKind.ADAPTER))
                .containsExactly(
                        new ModelEntry(
                                EntryKind.ADAPTER,
                                "ink",
                                Optional.of(folder.resolve("ink.safetensors").toString()),
                                Optional.empty(),
                                5),
                        new ModelEntry(
                                EntryKind.ADAPTER,
                                "paper",
                                Optional.of(folder.resolve("deep/paper.pt").toString()),
                                Optional.empty(),
                                5));
        assertThat(names(EntryKind.MODEL)).isEmpty();
    }

    @Test
    void putsFoldersBeforeNamesThatAreTaken() throws IOException {
        for (String name : List.of("b/ink.pt", "ink.pt", "ink.safetensors", "a/ink.pt", "a/ink.safetensors")) {
            file(name);
        }
        catalogue.addFolder(EntryKind.ADAPTER, folder);

        assertThat(names(EntryKind.ADAPTER)).containsExactly("a/ink", "a/ink.pt", "b/ink", "ink", "ink.pt");
        assertThat(catalogue.find(EntryKind.ADAPTER, "ink").orElseThrow().location())
                .contains(folder.resolve("ink.safetensors").toString());
        catalogue.add(ModelEntry.at(EntryKind.ADAPTER, "ink", "given.pt"));
        assertThat(catalogue.find(EntryKind.ADAPTER, "ink").orElseThrow().location())
                .contains("given.pt");
        assertThat(catalogue.all(EntryKind.ADAPTER)).hasSize(6);
    }

    @Test
    void findsNamesInAnotherCaseOrWithEndings() throws IOException {
        for (String name : List.of("Boat V1.5.ckpt", "star.safetensors", "Star.ckpt")) {
            file(name);
        }
        catalogue.addFolder(EntryKind.MODEL, folder);

        assertThat(found(EntryKind.MODEL, "Boat V1.5")).contains("Boat V1.5");
        assertThat(found(EntryKind.MODEL, "boat v1.5")).contains("Boat V1.5");
        assertThat(found(EntryKind.MODEL, "boat v1.5.safetensors")).contains("Boat V1.5");
        assertThat(found(EntryKind.MODEL, "star")).contains("star");
        assertThat(found(EntryKind.MODEL, "Star.safetensors")).contains("Star");
        assertThat(found(EntryKind.MODEL, "STAR")).isEmpty();
        assertThat(found(EntryKind.MODEL, folder.resolve("star.safetensors").toString()))
                .isEmpty();
        assertThat(found(EntryKind.MODEL, "../star")).isEmpty();
        assertThat(catalogue.missing(EntryKind.MODEL, "stars\u0000"))
                .startsWith("there is no model stars")
                .endsWith("near it are star, Star, Boat V1.5")
                .doesNotContain("\u0000");
        assertThat(catalogue.missing(EntryKind.ADAPTER, "ink")).endsWith("none are listed");
    }

    @Test
    void takesAFolderWithSettingsForOneModel() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Files.createSymbolicLink(folder.resolve("shapes"), model.folder());
            file("strange.safetensors");
            catalogue.addFolder(EntryKind.MODEL, folder);

            assertThat(names(EntryKind.MODEL)).containsExactly("shapes", "strange");
            assertThat(catalogue.find(EntryKind.MODEL, "shapes").orElseThrow())
                    .returns(Optional.of("StableDiffusionPipeline"), ModelEntry::family)
                    .satisfies(entry -> assertThat(entry.bytes()).isGreaterThan(100_000));
            assertThat(catalogue.find(EntryKind.MODEL, "strange").orElseThrow().family())
                    .isEmpty();
        }
        Files.delete(folder.resolve("shapes"));
        catalogue.rescan();
        assertThat(names(EntryKind.MODEL)).containsExactly("strange");
    }

    @Test
    void seesWhatComesAndGoesWhenItLooksAgain() throws IOException {
        file("ink.pt");
        catalogue.addFolder(EntryKind.WORD, folder);
        assertThat(names(EntryKind.WORD)).containsExactly("ink");
        file("paper.pt");
        Files.delete(folder.resolve("ink.pt"));

        catalogue.rescan();

        assertThat(names(EntryKind.WORD)).containsExactly("paper");
        Files.delete(folder.resolve("paper.pt"));
        Files.delete(folder);
        catalogue.rescan();
        assertThat(names(EntryKind.WORD)).isEmpty();
        Files.createDirectory(folder);
    }

    @Test
    void refusesAFolderThatIsNotThere() {
        Path missing = folder.resolve("missing");
        assertThatIOException()
                .isThrownBy(() -> catalogue.addFolder(EntryKind.ADAPTER, missing))
                .withMessageContaining("missing: there is no such folder");
    }
}
