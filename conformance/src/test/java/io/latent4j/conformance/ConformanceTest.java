package io.latent4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the folder that {@code -Dreference} names, else of the part that is in this repository. */
class ConformanceTest {
    private static final String FULL = System.getProperty("reference", "");
    private static ReferenceFolder reference;

    @BeforeAll
    static void open() throws IOException {
        reference = ReferenceFolder.open(
                FULL.isEmpty()
                        ? CompactReference.FOLDER
                        : Path.of(System.getProperty("latent4j.root", "..")).resolve(FULL),
                Device.cpu());
    }

    @AfterAll
    static void close() {
        reference.close();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return reference.cases().stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> check(each)));
    }

    private static void check(ReferenceCase each) {
        Outcome outcome = each.run();
        if (outcome.status() == Status.NOT_COVERED) {
            abort("not covered: " + outcome.detail());
        }
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(Status.PASS);
    }
}
