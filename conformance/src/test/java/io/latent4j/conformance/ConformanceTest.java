package io.latent4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Device;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the folders that {@code -Dreference.more} names, and of that of {@code -Dreference}, or else of the part that is in this repository. */
class ConformanceTest {
    private static final String FULL = System.getProperty("reference", "");
    private static final List<ReferenceFolder> REFERENCES = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException {
        Path root = Path.of(System.getProperty("latent4j.root", ".."));
        List<Path> folders = new ArrayList<>();
        folders.add(FULL.isEmpty() ? CompactReference.FOLDER : root.resolve(FULL));
        Splitter.on(',')
                .omitEmptyStrings()
                .split(System.getProperty("reference.more", ""))
                .forEach(name -> folders.add(root.resolve(name)));
        for (Path folder : folders) {
            REFERENCES.add(ReferenceFolder.open(folder, Device.cpu()));
        }
    }

    @AfterAll
    static void close() {
        REFERENCES.forEach(ReferenceFolder::close);
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return REFERENCES.stream()
                .flatMap(reference -> reference.cases().stream())
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private static void check(ReferenceCase each) {
        Outcome outcome = each.run();
        if (outcome.status() == Status.NOT_COVERED) {
            abort("not covered: " + outcome.detail());
        }
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(Status.PASS);
    }
}
