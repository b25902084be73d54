package io.latent4j.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.Map;
import java.util.stream.Collectors;

@AnalyzeClasses(packages = "io.latent4j.cli", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    private static final int MOST = 40;

    @ArchTest
    static void formNoCycles(JavaClasses classes) {
        slices().matching("io.latent4j.(cli..)").should().beFreeOfCycles().check(classes);
    }

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

    @ArchTest
    static void areSmall(JavaClasses classes) {
        Map<String, Long> sizes = classes.stream()
                .filter(JavaClass::isTopLevelClass)
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        assertThat(sizes)
                .hasSizeGreaterThan(2)
                .allSatisfy((name, size) -> assertThat(size).as(name).isLessThanOrEqualTo(MOST));
    }
}
