package io.latent4j.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

@AnalyzeClasses(packages = "io.latent4j.cli", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    /** Images are made by jobs: generate knows neither how a pipeline runs nor what a model is made of. */
    @ArchTest
    static void generateIsAClientOfService(JavaClasses classes) {
        noClasses()
                .that()
                .haveNameMatching(".*\\.cli\\.generate\\.Generate.*")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "io\\.latent4j\\.pipeline\\.(run\\..*|TextToImagePipeline|model\\.Components|model\\.ControlNet)")
                .check(classes);
    }
}
