package io.latent4j.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.latent4j.core.image.ImageDecoder;
import io.latent4j.server.api.Uploads;
import java.nio.file.Path;

/** As many images are in memory at a time as {@link Uploads} says. */
@AnalyzeClasses(packages = "io.latent4j.server", importOptions = ImportOption.DoNotIncludeTests.class)
final class DecodingTest {
    @ArchTest
    static void imagesThatAreSentAreDecodedInTurns(JavaClasses classes) {
        noClasses()
                .that()
                .areNotAssignableTo(Uploads.class)
                .and()
                .haveSimpleNameNotEndingWith("Test")
                .should()
                .callMethod(ImageDecoder.class, "decode", Path.class)
                .check(classes);
    }
}
