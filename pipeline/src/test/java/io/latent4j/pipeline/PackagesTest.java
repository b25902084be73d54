package io.latent4j.pipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.latent4j.core.packages.PackageRules;

@AnalyzeClasses(packages = "io.latent4j.pipeline", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackagesTest {
    @ArchTest
    static void formNoCycles(JavaClasses classes) {
        PackageRules.requireNoCycles(classes, "pipeline");
    }

    @ArchTest
    static void requestsAreValues(JavaClasses classes) {
        noClasses()
                .that()
                .resideInAPackage("..pipeline.request..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..pipeline.model..", "..pipeline.run..", "ai.djl..")
                .check(classes);
    }

    @ArchTest
    static void areSmall(JavaClasses classes) {
        PackageRules.requireSmall(classes);
    }
}
