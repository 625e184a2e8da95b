package dev.mlit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.OnlyIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.mlit.testing.Browser;
import dev.mlit.testing.ChildJava;
import dev.mlit.testing.Java;
import dev.mlit.testing.Python;
import dev.mlit.testing.WorkerProcesses;
import java.util.List;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.platform.commons.annotation.Testable;

/** If this fails, {@code mvn test} is no longer what one runs between two edits. */
@AnalyzeClasses(packages = "dev.mlit", importOptions = OnlyIncludeTests.class)
class SlowTestsTest {
  private static final List<Class<?>> PROCESSES =
      List.of(
          ProcessBuilder.class,
          Browser.class,
          ChildJava.class,
          Java.class,
          dev.mlit.testing.Mlit.class,
          Python.class,
          WorkerProcesses.class);

  @ArchTest
  static final ArchRule testsThatStartProcessesAreTagged =
      classes()
          .that()
          .haveSimpleNameEndingWith("Test")
          .and(startProcesses())
          .and()
          .doNotHaveFullyQualifiedName(SlowTestsTest.class.getName())
          .should(
              new ArchCondition<>("be tagged as slow, or have a method that is") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  boolean tagged =
                      type.isAnnotatedWith(Tag.class)
                          || type.getMethods().stream().anyMatch(m -> m.isAnnotatedWith(Tag.class));
                  String message = type.getName() + " starts a process, but has no @Tag(\"slow\")";
                  events.add(new SimpleConditionEvent(type, tagged, message));
                }
              });

  /** Each of the two engines knows its own annotation only. */
  @ArchTest
  static final ArchRule testsOfBothKindsHaveTheTagOfBoth =
      classes()
          .that()
          .areAnnotatedWith(net.jqwik.api.Tag.class)
          .and(haveTestsOfJupiter())
          .should()
          .beAnnotatedWith(Tag.class)
          .allowEmptyShould(true);

  private static DescribedPredicate<JavaClass> haveTestsOfJupiter() {
    return DescribedPredicate.describe(
        "have tests of Jupiter",
        type ->
            type.getMethods().stream()
                .anyMatch(
                    method ->
                        method.isMetaAnnotatedWith(Testable.class)
                            && !method.isAnnotatedWith(Property.class)));
  }

  private static DescribedPredicate<JavaClass> startProcesses() {
    return DescribedPredicate.describe(
        "start processes",
        type ->
            type.getDirectDependenciesFromSelf().stream()
                .anyMatch(
                    dependency ->
                        PROCESSES.stream().anyMatch(dependency.getTargetClass()::isEquivalentTo)));
  }
}
