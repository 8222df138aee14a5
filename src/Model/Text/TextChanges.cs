namespace Makemore.Gpu.Model.Text;

/// <summary>What <see cref="TextRules"/> changed in a text.</summary>
[Flags]
enum TextChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Letters and marks were composed or decomposed.</summary>
    Form = 1,

    /// <summary>Characters that cannot be seen were left out.</summary>
    Invisible = 2,

    /// <summary>Other spaces, such as the no-break space, became plain ones.</summary>
    Spaces = 4,

    /// <summary>Large letters became small.</summary>
    Case = 8,
}
