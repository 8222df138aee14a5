namespace Makemore.Gpu.Model.Text;

/// <summary>How letters with marks are written: é as one code point, or as e and a mark.</summary>
enum UnicodeForm
{
    /// <summary>Composed, NFC: one code point wherever there is one.</summary>
    Nfc,

    /// <summary>Decomposed, NFD: a letter, then its marks.</summary>
    Nfd,

    /// <summary>As it is.</summary>
    None,
}
